/*
 * element_read.h - decodes one element of the schema
 */
#ifndef JI_ELEMENT_READ_H
#define JI_ELEMENT_READ_H

#include "parquet/format/footer_steps.h"

/* Reads an element (`out`, a struct ji_schema_element) of a list: for ji_footer_read_list. */
enum joist_status ji_element_read(struct ji_footer_steps *steps, void *out, struct joist_error *err);

#endif
