/*
 * date_functions.c - parts of dates and timestamps, date_trunc, and dates moved by an interval
 *
 * A timestamp is seen in UTC. A month that is shorter ends the date: 31 January and a month is the last of
 * February.
 */
#include "base/calendar.h"
#include "expr/evaluate.h"

#define HOURS_A_DAY 24
#define MINUTES_AN_HOUR 60
#define SECONDS_A_MINUTE 60
#define SECONDS_AN_HOUR 3600
#define SECONDS_A_DAY 86400
#define DAYS_A_WEEK 7
#define MONTHS_A_YEAR 12
#define MONTHS_A_QUARTER 3
#define INTERVAL_MONTHS_MAX ((int64_t)12 * 1000000)
/* 1970-01-01 was a Thursday: three days behind a Monday. */
#define EPOCH_WEEKDAY 3

/* Days that came before, by their last bits: a column rarely has more than a few thousand of them. */
#define KNOWN_DAYS 4096
struct known_day {
    int64_t day;
    int64_t part;
};

static int64_t moment_at(const struct ji_vector *vector, size_t i)
{
    const int32_t *days = vector->column.values;
    const int64_t *units = vector->column.values;
    return vector->column.field->kind == JI_DATE ? days[i] : units[i];
}

static int64_t day_at(const struct ji_vector *vector, size_t i)
{
    const struct ji_field *type = vector->column.field;
    const int64_t value = moment_at(vector, i);
    return type->kind == JI_DATE ? value : ji_timestamp_day(value, type->unit);
}

/* Seconds since midnight. */
static int64_t second_at(const struct ji_vector *vector, size_t i)
{
    const struct ji_field *type = vector->column.field;
    if (type->kind == JI_DATE)
        return 0;
    return ji_timestamp_time(moment_at(vector, i), type->unit) / ji_unit_per_second(type->unit);
}

static void run_time_part(const struct ji_call *call, int32_t *out)
{
    const char *name = call->expr->name;
    for (size_t i = 0; i < call->count; i++) {
        const int64_t second = second_at(&call->arguments[0], i);
        if (name[0] == 'h')
            out[i] = (int32_t)(second / SECONDS_AN_HOUR);
        else if (name[0] == 'm')
            out[i] = (int32_t)(second / SECONDS_A_MINUTE % MINUTES_AN_HOUR);
        else
            out[i] = (int32_t)(second % SECONDS_A_MINUTE);
    }
}

enum joist_status ji_run_date_part(struct ji_call *call, struct joist_error *err)
{
    const char *name = call->expr->name;
    int32_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &out, err));
    if (strcmp(name, "hour") == 0 || strcmp(name, "minute") == 0 || strcmp(name, "second") == 0) {
        run_time_part(call, out);
        return JOIST_OK;
    }
    struct known_day *known = NULL;
    JI_TRY(ji_scratch_get(call->evaluator, KNOWN_DAYS * sizeof *known, &known, err));
    for (size_t k = 0; k < KNOWN_DAYS; k++)
        known[k].day = INT64_MIN;
    for (size_t i = 0; i < call->count; i++) {
        const int64_t day = day_at(&call->arguments[0], i);
        struct known_day *slot = &known[(uint64_t)day % KNOWN_DAYS];
        if (slot->day != day) {
            const struct ji_civil civil = ji_civil_of_days(day);
            slot->day = day;
            slot->part = name[0] == 'y' ? civil.year : (int64_t)(name[0] == 'm' ? civil.month : civil.day);
        }
        out[i] = (int32_t)slot->part;
    }
    ji_scratch_drop(call->evaluator, known);
    return JOIST_OK;
}

static int64_t trunc_day(int64_t day, struct ji_view unit)
{
    if (ji_view_equal_text(unit, "week")) {
        const int64_t weekday = (day + EPOCH_WEEKDAY) % DAYS_A_WEEK;
        return day - (weekday < 0 ? weekday + DAYS_A_WEEK : weekday);
    }
    const struct ji_civil civil = ji_civil_of_days(day);
    if (ji_view_equal_text(unit, "year"))
        return ji_days_of_civil(civil.year, 1, 1);
    if (ji_view_equal_text(unit, "quarter"))
        return ji_days_of_civil(civil.year, (civil.month - 1) / MONTHS_A_QUARTER * MONTHS_A_QUARTER + 1, 1);
    if (ji_view_equal_text(unit, "month"))
        return ji_days_of_civil(civil.year, civil.month, 1);
    return day;
}

/* Units of the type in a part of a day that `unit` names, 0 for whole days and more. */
static int64_t units_of(struct ji_view unit, const struct ji_field *type)
{
    const int64_t second = type->kind == JI_DATE ? 0 : ji_unit_per_second(type->unit);
    if (ji_view_equal_text(unit, "hour"))
        return SECONDS_AN_HOUR * second;
    if (ji_view_equal_text(unit, "minute"))
        return SECONDS_A_MINUTE * second;
    return ji_view_equal_text(unit, "second") ? second : 0;
}

static void store_moment(const struct ji_field *type, uint8_t *out, size_t i, int64_t value)
{
    const int32_t day = (int32_t)value;
    if (type->kind == JI_DATE)
        memcpy(out + i * sizeof day, &day, sizeof day);
    else
        memcpy(out + i * sizeof value, &value, sizeof value);
}

static bool day_to_moment(const struct ji_field *type, int64_t day, int64_t rest, int64_t *out)
{
    if (type->kind == JI_DATE) {
        *out = day;
        return day >= INT32_MIN && day <= INT32_MAX;
    }
    int64_t units = 0;
    const int64_t units_a_day = SECONDS_A_DAY * ji_unit_per_second(type->unit);
    return ji_mul_i64(day, units_a_day, &units) && ji_add_i64(units, rest, out);
}

enum joist_status ji_run_date_trunc(struct ji_call *call, struct joist_error *err)
{
    const struct ji_field *type = &call->expr->type;
    const struct ji_view unit = call->expr->arguments[0]->value.as.view;
    const int64_t part = units_of(unit, type);
    struct ji_vector *argument = &call->arguments[1];
    uint8_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    for (size_t i = 0; i < call->count; i++) {
        const int64_t value = moment_at(argument, i);
        const int64_t day = day_at(argument, i);
        int64_t cut = 0;
        bool fits = true;
        if (part != 0) {
            const int64_t rest = ji_timestamp_time(value, type->unit);
            cut = value - rest % part;
        } else {
            fits = day_to_moment(type, trunc_day(day, unit), 0, &cut);
        }
        if (!fits && ji_call_needs(call, i))
            return ji_call_fail(call, err, "date_trunc goes below the range of the type");
        store_moment(type, out, i, fits ? cut : 0);
    }
    return JOIST_OK;
}

/* An interval is months, or units of the moment's type (days of a date). */
struct step {
    int64_t months;
    int64_t units;
    bool fits;
};

static struct step step_of(const struct ji_expr *expr)
{
    const struct ji_field *type = &expr->type;
    const char *unit = expr->name;
    struct step step = {.fits = true};
    int64_t count = expr->value.as.integer;
    int64_t factor = 1;
    if (expr->op == JI_EXPR_SUBTRACT)
        step.fits = ji_sub_i64(0, count, &count);
    if (strcmp(unit, "year") == 0 || strcmp(unit, "month") == 0) {
        factor = unit[0] == 'y' ? MONTHS_A_YEAR : 1;
        step.fits = step.fits && ji_mul_i64(count, factor, &step.months) &&
                step.months <= INTERVAL_MONTHS_MAX && step.months >= -INTERVAL_MONTHS_MAX;
        return step;
    }
    if (type->kind == JI_TIMESTAMP) {
        const int64_t second = ji_unit_per_second(type->unit);
        const int64_t seconds = unit[0] == 'd' ? SECONDS_A_DAY
                : unit[0] == 'h'               ? SECONDS_AN_HOUR
                : unit[0] == 'm'               ? SECONDS_A_MINUTE
                                               : 1;
        factor = seconds * second;
    }
    step.fits = step.fits && ji_mul_i64(count, factor, &step.units);
    return step;
}

static bool add_months(const struct ji_field *type, int64_t value, int64_t months, int64_t *out)
{
    const int64_t day = type->kind == JI_DATE ? value : ji_timestamp_day(value, type->unit);
    const int64_t rest = type->kind == JI_DATE ? 0 : ji_timestamp_time(value, type->unit);
    const struct ji_civil civil = ji_civil_of_days(day);
    int64_t month = civil.year * MONTHS_A_YEAR + (int64_t)civil.month - 1 + months;
    int64_t year = month / MONTHS_A_YEAR;
    month %= MONTHS_A_YEAR;
    if (month < 0) {
        month += MONTHS_A_YEAR;
        year--;
    }
    const unsigned last = ji_days_in_month(year, (unsigned)month + 1);
    const unsigned kept = civil.day < last ? civil.day : last;
    return day_to_moment(type, ji_days_of_civil(year, (unsigned)month + 1, kept), rest, out);
}

/* `call->expr` is a stand-in: its argument is the date, its name and value the interval's. */
enum joist_status ji_run_move_date(struct ji_call *call, struct joist_error *err)
{
    const struct ji_field *type = &call->expr->type;
    const struct step step = step_of(call->expr);
    uint8_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    for (size_t i = 0; i < call->count; i++) {
        const int64_t value = moment_at(&call->arguments[0], i);
        int64_t moved = 0;
        bool fits = step.fits;
        if (fits && step.months != 0)
            fits = add_months(type, value, step.months, &moved);
        else if (fits)
            fits = ji_add_i64(value, step.units, &moved);
        if (type->kind == JI_DATE)
            fits = fits && moved >= INT32_MIN && moved <= INT32_MAX;
        if (!fits && ji_call_needs(call, i))
            return ji_call_fail(call, err, "overflow: the date goes out of its range");
        store_moment(type, out, i, fits ? moved : 0);
    }
    return JOIST_OK;
}
