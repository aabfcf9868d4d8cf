/* SPDX-License-Identifier: Apache-2.0
 * Lines of the control socket: flat JSON objects of strings (RFC 8259). */
#include "engine/ui/ctl.h"

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

int ctl_line_begin(struct buf *dst)
{
	return buf_put(dst, "{", 1);
}

static int put_string(struct buf *dst, const char *text)
{
	int err = buf_put(dst, "\"", 1);
	for (const char *p = text; err == 0 && *p != '\0'; p++) {
		unsigned char byte = (unsigned char)*p;
		if (byte < 0x20)
			err = buf_printf(dst, "\\u%04x", byte);
		else if (byte == '"' || byte == '\\')
			err = buf_printf(dst, "\\%c", byte);
		else
			err = buf_put(dst, p, 1);
	}
	return err < 0 ? err : buf_put(dst, "\"", 1);
}

int ctl_line_put(struct buf *dst, const char *name, const char *value)
{
	int err = 0;
	if (dst->len > 0 && dst->data[dst->len - 1] != '{')
		err = buf_put(dst, ",", 1);
	if (err == 0)
		err = put_string(dst, name);
	if (err == 0)
		err = buf_put(dst, ":", 1);
	return err < 0 ? err : put_string(dst, value);
}

int ctl_line_end(struct buf *dst)
{
	return buf_put(dst, "}\n", 2);
}
