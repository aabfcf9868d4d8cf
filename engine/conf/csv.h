/* SPDX-License-Identifier: Apache-2.0
 * CSV as in RFC 4180, with LF or CRLF, an optional UTF-8 byte order mark, and ';' as the separator
 * where the first row has one and no comma: spreadsheets of many countries write it so. Pure: rows
 * come one at a time and their cells are unquoted in place in the caller's bytes. */
#ifndef PLATEN_CONF_CSV_H
#define PLATEN_CONF_CSV_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stddef.h>

struct csv {
	char *p;
	char *end;
	unsigned line; /* where the next row begins, from 1 */
	char separator;
};

struct csv_row {
	unsigned line; /* where it begins */
	size_t cells;
	struct text cell[LIMIT_CONF_CSV_COLUMNS]; /* no NUL behind */
};

/* The bytes belong to the caller and are changed. */
void csv_open(struct csv *c, char *bytes, size_t len);

/* 1: a row; 0: no more. Blank lines are passed over. ERR_FORMAT with *ret_why (a quote where none
 * may be, or that never ends) or ERR_LIMIT (too many cells); row->line says where. */
int csv_next(struct csv *c, struct csv_row *row, const char **ret_why) MUST_USE;

#endif
