/*
 * statement_place.c - from a byte of a statement to its line and column, for people
 */
#include "expr/lexer.h"
#include "query/plan.h"

void ji_statement_place_error(struct ji_view text, struct joist_error *err)
{
    static const char prefix[] = "column ";
    if (err == NULL || strncmp(err->text, prefix, sizeof prefix - 1) != 0)
        return;
    size_t place = 0;
    const char *at = err->text + sizeof prefix - 1;
    for (; *at >= '0' && *at <= '9' && place <= text.size; at++)
        place = place * 10 + (size_t)(*at - '0');
    if (place == 0 || place > text.size + 1 || at[0] != ':' || at[1] != ' ')
        return;
    size_t line = 0;
    size_t column = 0;
    ji_text_place(text, place - 1, &line, &column);
    memmove(err->text, at + 2, strlen(at + 2) + 1);
    ji_error_prefix(err, "line %zu, column %zu", line, column);
}
