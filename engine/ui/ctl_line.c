/* SPDX-License-Identifier: Apache-2.0
 * Lines of the control socket: flat JSON objects of strings (RFC 8259). */
#include "engine/ui/ctl.h"

#include "proto/text/json_writer.h"

#include <jansson.h>
#include <string.h>

/* Copies `text` and its NUL behind the `used` bytes of line->text; NULL if they do not fit. */
static const char *keep(struct ctl_line *line, size_t *used, const char *text)
{
	size_t n = strlen(text) + 1;
	if (n > sizeof line->text - *used)
		return NULL;
	char *at = memcpy(line->text + *used, text, n);
	*used += n;
	return at;
}

int ctl_line_read(struct ctl_line *line, const char *bytes, size_t len)
{
	const char *name;
	json_t *value;
	size_t used = 0;
	/* Without JSON_ALLOW_NUL and JSON_DECODE_ANY: no value holds a NUL, a line is an object. */
	json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	int err = json_is_object(root) ? 0 : ERR_FORMAT;
	line->count = 0;
	json_object_foreach(root, name, value)
	{
		struct ctl_field *field = &line->fields[line->count];
		if (!json_is_string(value))
			err = ERR_FORMAT;
		else if (line->count == CTL_FIELDS ||
			 (field->name = keep(line, &used, name)) == NULL ||
			 (field->value = keep(line, &used, json_string_value(value))) == NULL)
			err = ERR_LIMIT;
		if (err < 0)
			break;
		line->count++;
	}
	json_decref(root);
	return err;
}

const char *ctl_line_get(const struct ctl_line *line, const char *name)
{
	for (size_t i = 0; i < line->count; i++) {
		if (strcmp(line->fields[i].name, name) == 0)
			return line->fields[i].value;
	}
	return "";
}

int ctl_line_write(struct buf *dst, const struct ctl_field *fields, size_t count)
{
	struct writer w;
	writer_open(&w, dst);
	jw_object(&w, NULL);
	for (size_t i = 0; i < count; i++)
		jw_str(&w, fields[i].name, fields[i].value);
	jw_end(&w);
	writer_char(&w, '\n');
	return writer_close(&w);
}
