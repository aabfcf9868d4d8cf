/* SPDX-License-Identifier: Apache-2.0
 * .valueoid.txt: `value: "1.3.6..."`, the value first. A value may span lines and hold NULs: it
 * ends at the first line that ends in a quoted name. Empty lines between varbinds are not part of
 * the next value. */
#include "proto/recording/recording_internal.h"

#include <string.h>

/* Finds `: "1.3.6.1"` at the end of the line. */
static bool split_tail(struct text line, struct text *name)
{
	if (line.len < 6 || line.p[line.len - 1] != '"')
		return false;
	size_t end = line.len - 1, at = end;
	while (at > 0 &&
		(line.p[at - 1] == '.' || (line.p[at - 1] >= '0' && line.p[at - 1] <= '9')))
		at--;
	if (at == end || at < 3 || memcmp(line.p + at - 3, ": \"", 3) != 0)
		return false;
	*name = (struct text){line.p + at, end - at};
	return true;
}

int recording_read_valueoid(struct recording_reader *r, struct text in)
{
	const char *start = NULL; /* of the open value */
	while (in.len > 0) {
		const char *line_start = in.p;
		struct text line = recording_line(&in);
		struct text name_text;
		struct oid name;
		r->line++;
		if (start == NULL && line.len == 0)
			continue;
		if (start == NULL)
			start = line_start;
		if (!split_tail(line, &name_text))
			continue;
		struct text value = {start, (size_t)(name_text.p - 3 - start)};
		int err = oid_from(&name, name_text) < 0 || name.len < 2
				  ? recording_fail(
					    r, ERR_FORMAT, "no object identifier in the quotes")
				  : recording_add_typeless(r, &name, name_text, value);
		err = recording_damaged(r, err);
		if (err < 0)
			return err;
		start = NULL;
	}
	if (start != NULL)
		return recording_damaged(
			r, recording_fail(r, ERR_FORMAT, "the last value has no name"));
	return 0;
}
