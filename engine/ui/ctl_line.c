/* SPDX-License-Identifier: Apache-2.0
 * Lines of the control socket: flat JSON objects of strings (RFC 8259, less than all of it). */
#include "engine/ui/ctl.h"

#include <string.h>

/* Where the reading is, and where the next unescaped text goes. */
struct cursor {
	const char *p;
	const char *end;
	char *out;
	char *out_end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

static bool take_char(struct cursor *c, char wanted)
{
	skip_blanks(c);
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static int put_byte(struct cursor *c, unsigned byte)
{
	if (c->out == c->out_end)
		return ERR_LIMIT;
	*c->out++ = (char)byte;
	return 0;
}

/* \uXXXX of the basic plane, no surrogates: nothing of ours needs them. */
static int take_unicode(struct cursor *c)
{
	uint8_t two[2];
	if (c->end - c->p < 4 || str_unhex(two, sizeof two, c->p, 4) < 0)
		return ERR_FORMAT;
	c->p += 4;
	unsigned code = (unsigned)two[0] << 8 | two[1];
	if (code == 0 || (code >= 0xd800 && code <= 0xdfff))
		return ERR_FORMAT;
	if (code < 0x80)
		return put_byte(c, code);
	int err = 0;
	if (code < 0x800) {
		err = put_byte(c, 0xc0 | code >> 6);
	} else {
		err = put_byte(c, 0xe0 | code >> 12);
		if (err == 0)
			err = put_byte(c, 0x80 | (code >> 6 & 0x3f));
	}
	return err < 0 ? err : put_byte(c, 0x80 | (code & 0x3f));
}

static int take_escape(struct cursor *c)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	if (c->p == c->end)
		return ERR_FORMAT;
	char what = *c->p++;
	if (what == 'u')
		return take_unicode(c);
	const char *at = what == '\0' ? NULL : strchr(from, what);
	return at == NULL ? ERR_FORMAT : put_byte(c, (unsigned char)to[at - from]);
}

static int take_string(struct cursor *c, const char **ret)
{
	if (!take_char(c, '"'))
		return ERR_FORMAT;
	*ret = c->out;
	while (c->p < c->end && *c->p != '"') {
		unsigned char byte = (unsigned char)*c->p++;
		int err = byte < 0x20    ? ERR_FORMAT
			  : byte == '\\' ? take_escape(c)
					 : put_byte(c, byte);
		if (err < 0)
			return err;
	}
	if (c->p == c->end)
		return ERR_FORMAT;
	c->p++;
	return put_byte(c, 0);
}

static int take_field(struct ctl_line *line, struct cursor *c)
{
	if (line->count == CTL_FIELDS)
		return ERR_LIMIT;
	struct ctl_field *field = &line->fields[line->count];
	int err = take_string(c, &field->name);
	if (err == 0 && !take_char(c, ':'))
		err = ERR_FORMAT;
	if (err == 0)
		err = take_string(c, &field->value);
	if (err < 0)
		return err;
	for (size_t i = 0; i < line->count; i++) {
		if (strcmp(line->fields[i].name, field->name) == 0)
			return ERR_FORMAT;
	}
	line->count++;
	return 0;
}

int ctl_line_read(struct ctl_line *line, const char *bytes, size_t len)
{
	line->count = 0;
	if (!str_is_utf8((const uint8_t *)bytes, len))
		return ERR_FORMAT;
	struct cursor c = {bytes, bytes + len, line->text, line->text + sizeof line->text};
	if (!take_char(&c, '{'))
		return ERR_FORMAT;
	if (!take_char(&c, '}')) {
		do {
			int err = take_field(line, &c);
			if (err < 0)
				return err;
		} while (take_char(&c, ','));
		if (!take_char(&c, '}'))
			return ERR_FORMAT;
	}
	skip_blanks(&c);
	return c.p == c.end ? 0 : ERR_FORMAT;
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
