/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/csv.h"

#include <stdbool.h>
#include <string.h>

void csv_open(struct csv *c, char *bytes, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	*c = (struct csv){.p = bytes, .end = bytes + len, .line = 1};
	if (len >= 3 && memcmp(bytes, mark, 3) == 0)
		c->p += 3;
	size_t left = (size_t)(c->end - c->p);
	const char *newline = memchr(c->p, '\n', left);
	size_t first = newline != NULL ? (size_t)(newline - c->p) : left;
	bool is_semicolon = memchr(c->p, ',', first) == NULL && memchr(c->p, ';', first) != NULL;
	c->separator = is_semicolon ? ';' : ',';
}

static bool is_line_end(const struct csv *c, const char *p)
{
	return *p == '\n' || (*p == '\r' && p + 1 < c->end && p[1] == '\n');
}

/* A quoted cell, unquoted in place; c->p is left behind the closing quote. */
static int quoted(struct csv *c, struct text *cell, const char **ret_why)
{
	char *to = c->p;
	char *from = c->p + 1;
	cell->p = to;
	for (;;) {
		if (from == c->end) {
			*ret_why = "a quote that never ends";
			return ERR_FORMAT;
		}
		if (*from == '"' && (from + 1 == c->end || from[1] != '"'))
			break;
		if (*from == '"')
			from++;
		if (*from == '\n')
			c->line++;
		*to++ = *from++;
	}
	cell->len = (size_t)(to - cell->p);
	c->p = from + 1;
	if (c->p < c->end && *c->p != c->separator && !is_line_end(c, c->p)) {
		*ret_why = "text behind a closing quote";
		return ERR_FORMAT;
	}
	return 0;
}

static int plain(struct csv *c, struct text *cell, const char **ret_why)
{
	cell->p = c->p;
	while (c->p < c->end && *c->p != c->separator && !is_line_end(c, c->p)) {
		if (*c->p == '"') {
			*ret_why = "a quote inside a cell that is not quoted";
			return ERR_FORMAT;
		}
		c->p++;
	}
	cell->len = (size_t)(c->p - cell->p);
	return 0;
}

static void pass_line_end(struct csv *c)
{
	if (c->p == c->end)
		return;
	c->p += *c->p == '\r' ? 2 : 1;
	c->line++;
}

int csv_next(struct csv *c, struct csv_row *row, const char **ret_why)
{
	while (c->p < c->end && is_line_end(c, c->p))
		pass_line_end(c);
	row->line = c->line;
	row->cells = 0;
	if (c->p == c->end)
		return 0;
	for (;;) {
		if (row->cells == LIMIT_CONF_CSV_COLUMNS) {
			*ret_why = "too many columns";
			return ERR_LIMIT;
		}
		struct text *cell = &row->cell[row->cells++];
		int err = c->p < c->end && *c->p == '"' ? quoted(c, cell, ret_why)
							: plain(c, cell, ret_why);
		if (err < 0) {
			row->line = c->line;
			return err;
		}
		if (c->p == c->end || *c->p != c->separator)
			break;
		c->p++;
	}
	pass_line_end(c);
	return 1;
}
