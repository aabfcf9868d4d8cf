/* SPDX-License-Identifier: Apache-2.0
 * Reading on behind a malformed attribute. RFC 8010 has no marks between attributes: each is found
 * by the lengths of those before it. Where these are right, the values up to the next name are left
 * out. Where one is wrong, the next attribute is found by its form: a tag, a keyword as name, a
 * length that fits. A scan begins inside the last value, which may be the one whose length is
 * wrong. */
#include "proto/ipp/ipp.h"

#include <string.h>

enum { HEAD_BYTES = 3, NAME_MIN = 3, NAME_MAX = 255, LAST_TAG = IPP_MEMBER_NAME };

static size_t u16_at(const uint8_t *p)
{
	return (size_t)(p[0] << 8 | p[1]);
}

/* ---- sound values ----------------------------------------------------------------------- */

/* Bytes of a value of this tag; -1: any number. */
static int fixed_size(uint8_t tag)
{
	if (tag > IPP_LAST_DELIMITER && tag <= IPP_LAST_OUT_OF_BAND)
		return 0;
	switch (tag) {
	case IPP_INTEGER:
	case IPP_ENUM:
		return 4;
	case IPP_BOOLEAN:
		return 1;
	case IPP_DATE:
		return 11;
	case IPP_RESOLUTION:
		return 9;
	case IPP_RANGE:
		return 8;
	default:
		return -1;
	}
}

/* Some printers end strings with NULs; lines may be broken in them. */
static bool is_string(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] < ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n')
			return false;
	}
	return true;
}

bool ipp_is_sound(const struct ipp_value *v)
{
	struct text t;
	int size = fixed_size(v->tag);
	size_t len = v->len;
	if (size >= 0)
		return len == (size_t)size;
	if (v->tag == IPP_TEXT_WITH_LANGUAGE || v->tag == IPP_NAME_WITH_LANGUAGE)
		return ipp_text(v, &t) == 0 && is_string((const uint8_t *)t.p, t.len);
	if (v->tag > IPP_LAST_STRING || v->tag < IPP_TEXT)
		return true;
	while (len > 0 && v->p[len - 1] == 0)
		len--;
	return is_string(v->p, len);
}

/* ---- the form of an attribute ----------------------------------------------------------- */

static bool is_letter(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_keyword_byte(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* The keyword that begins here, cut at the end of the message. */
static struct text keyword_at(const struct ipp_reader *r, size_t at)
{
	size_t n = 0;
	if (at >= r->len || !is_letter(r->p[at]))
		return (struct text){NULL, 0};
	while (n < NAME_MAX && at + n < r->len && is_keyword_byte(r->p[at + n]))
		n++;
	return (struct text){(const char *)r->p + at, n >= NAME_MIN ? n : 0};
}

/* Name and value of an attribute with this tag, behind the tag at `at`. */
static bool has_form(const struct ipp_reader *r, size_t at, uint8_t tag)
{
	if (r->len - at < HEAD_BYTES)
		return false;
	size_t name = u16_at(r->p + at + 1), left = r->len - at - HEAD_BYTES;
	if (name < NAME_MIN || name > NAME_MAX || left < name + 2 ||
		keyword_at(r, at + HEAD_BYTES).len < name)
		return false;
	size_t value = u16_at(r->p + at + HEAD_BYTES + name);
	int size = fixed_size(tag);
	return value <= left - name - 2 && (size < 0 || value == (size_t)size);
}

static bool is_attribute(const struct ipp_reader *r, size_t at)
{
	uint8_t tag = r->p[at];
	bool is_value = tag > IPP_LAST_DELIMITER && tag < LAST_TAG && tag != IPP_END_COLLECTION;
	return is_value && has_form(r, at, tag);
}

bool ipp_has_lost_tag(const struct ipp_reader *r, size_t at)
{
	/* Or a further value of the attribute before. */
	size_t left = r->len - at, head = HEAD_BYTES + 2;
	bool is_value = left > head && u16_at(r->p + at + 1) == 0 &&
			u16_at(r->p + at + HEAD_BYTES) <= left - head;
	return is_value || has_form(r, at, IPP_TEXT);
}

size_t ipp_find_attribute(const struct ipp_reader *r, size_t from, size_t end)
{
	/* The byte behind the tag is 0 in all of them: names are shorter than 256. */
	while (from < end && from + 1 < r->len) {
		size_t last = end < r->len ? end : r->len - 1;
		const uint8_t *zero = memchr(r->p + from + 1, 0, last - from);
		if (zero == NULL)
			break;
		from = (size_t)(zero - r->p) - 1;
		if (is_attribute(r, from))
			return from;
		from++;
	}
	return r->len;
}

/* ---- recovery --------------------------------------------------------------------------- */

static size_t value_end(const struct ipp_reader *r)
{
	return r->value.p == NULL ? 0 : (size_t)(r->value.p - r->p) + r->value.len;
}

/* The bytes from `at` on belong to the string before them, whose length is too small. */
static bool is_rest_of_string(const struct ipp_reader *r, size_t at, size_t end)
{
	bool is_string = r->value.tag >= IPP_OCTETS && r->value.tag != IPP_BEGIN_COLLECTION &&
			 fixed_size(r->value.tag) < 0;
	return is_string && value_end(r) == at && end > at &&
	       memchr(r->p + at, 0, end - at) == NULL;
}

static bool is_last_unsound(const struct ipp_reader *r)
{
	return r->value.p != NULL && !ipp_is_sound(&r->value);
}

/* The last byte is the end of the attributes, and not part of a value that is cut off. */
static bool is_ended(const struct ipp_reader *r)
{
	size_t at = r->resume_at, last = r->len - 1;
	if (r->p[last] != IPP_END || at >= last)
		return false;
	/* The byte behind the tag is 0 in attributes that are cut off, too. */
	if (r->error != ERR_SHORT || r->p[at + 1] != 0 || is_last_unsound(r))
		return true;
	if (last - at < HEAD_BYTES)
		return false;
	size_t name = u16_at(r->p + at + 1);
	if (last - at < HEAD_BYTES + name + 2)
		return last - at > HEAD_BYTES && keyword_at(r, at + HEAD_BYTES).len < name;
	int size = fixed_size(r->p[at]);
	return size < 0 || u16_at(r->p + at + HEAD_BYTES + name) != (size_t)size;
}

/* The end of the attributes lies in the last value, whose length is too large. */
static bool is_end_in_value(const struct ipp_reader *r)
{
	const struct ipp_value *v = &r->value;
	if (r->resume_at != r->len || v->len == 0 || value_end(r) != r->len ||
		v->p[v->len - 1] != IPP_END)
		return false;
	return fixed_size(v->tag) < 0 || !ipp_is_sound(v);
}

/* The group in which the error is. A delimiter may have been read in the wrong place; the groups
 * behind the printer's have nothing that was requested. */
static uint8_t group_of(const struct ipp_reader *r)
{
	return r->has_printer ? IPP_GROUP_PRINTER : IPP_GROUP_OPERATION;
}

/* A tag that was changed to a delimiter is found by what follows it. */
static size_t begin_of(const struct ipp_reader *r)
{
	size_t at = r->resume_at;
	bool is_behind_delimiter = r->resume == IPP_RESUME_SCAN && at > 0 && at < r->len &&
				   r->p[at] == 0 && r->p[at - 1] == r->group && r->name.len == 0;
	return is_behind_delimiter ? at - 1 : at;
}

/* The name of an attribute that begins at `at` and ends before `to`, as far as its bytes tell.
 * *is_sure: they are not the rest of a text. */
static struct text name_at(const struct ipp_reader *r, size_t at, size_t to, bool *is_sure)
{
	struct text t = keyword_at(r, at + HEAD_BYTES);
	*is_sure = true;
	if (t.len == 0)
		return t;
	size_t begin = at + HEAD_BYTES, length = u16_at(r->p + at + 1);
	/* Without its tag it is whole, or it is no attribute. */
	if (r->p[at] <= IPP_LAST_DELIMITER) {
		bool is_whole = has_form(r, at, IPP_TEXT) &&
				begin + length + 2 + u16_at(r->p + begin + length) <= to;
		return is_whole ? (struct text){t.p, length} : (struct text){NULL, 0};
	}
	/* The length of the value may look like a part of the name. */
	if (length <= t.len && length + 2 >= t.len && begin + length + 2 <= to)
		return (struct text){t.p, length};
	*is_sure = r->p[at + 1] == 0;
	if (begin + t.len + 2 <= to && r->p[begin + t.len] == 0)
		return t;
	bool is_cut = length >= NAME_MIN && length < t.len && begin + length + 2 <= to;
	return is_cut ? (struct text){t.p, length} : (struct text){NULL, 0};
}

/* The keyword that a name begins with. */
static struct text keyword_of(const struct ipp_reader *r, struct text name)
{
	if (name.len == 0)
		return name;
	struct text t = keyword_at(r, (size_t)((const uint8_t *)name.p - r->p));
	t.len = t.len < name.len ? t.len : name.len;
	return t;
}

/* The bytes at which the error was found belong to the value before them. */
static bool is_rest(const struct ipp_reader *r, size_t to)
{
	return is_last_unsound(r) || is_rest_of_string(r, r->resume_at, to);
}

static void name_damage(const struct ipp_reader *r, struct ipp_damage *d, size_t to)
{
	size_t at = begin_of(r);
	bool is_sure = true, is_further = at + HEAD_BYTES <= r->len && u16_at(r->p + at + 1) == 0;
	struct text known = keyword_of(r, r->resume == IPP_RESUME_SCAN ? r->known_name : r->name);
	if (r->depth > 0 || r->is_skipping || r->resume == IPP_RESUME_REREAD) {
		d->name = keyword_of(r, r->name);
		return;
	}
	d->is_last_value = d->is_last_value || is_rest(r, to);
	if (!d->is_last_value)
		d->name = name_at(r, at, to, &is_sure);
	if (!is_sure)
		d->before = known;
	if (d->name.len == 0 && (is_further || d->is_last_value)) {
		d->name = known;
		/* Where a value reaches over the next attribute, that value is the damage. */
		d->is_last_value = r->resume == IPP_RESUME_SCAN && r->scan_from <= r->resume_at;
	}
}

/* Moves to the next attribute that has the form of one. False: there is none, and the message is
 * not at its end either. */
static bool scan(struct ipp_reader *r, struct ipp_damage *d)
{
	size_t from = r->value.p != NULL ? (size_t)(r->value.p - r->p) : r->resume_at;
	size_t to = ipp_find_attribute(r, from > r->scan_from ? from : r->scan_from, r->len);
	if (to == r->len) {
		d->is_last_value = is_end_in_value(r);
		if (!d->is_last_value && !is_ended(r))
			return false;
		name_damage(r, d, r->len - 1);
		r->is_ended = true;
		return true;
	}
	d->is_last_value = to < r->resume_at;
	name_damage(r, d, to);
	r->has_printer = r->has_printer || r->p[to - 1] == IPP_GROUP_PRINTER;
	r->group = group_of(r);
	r->at = to;
	r->scan_from = to + 1;
	return true;
}

int ipp_recover(struct ipp_reader *r, struct ipp_damage *damage)
{
	*damage = (struct ipp_damage){.at = r->error_at, .why = r->why, .group = group_of(r)};
	switch ((enum ipp_resume)r->resume) {
	case IPP_RESUME_NONE:
		return 0;
	case IPP_RESUME_REREAD:
		name_damage(r, damage, r->len);
		r->at = r->resume_at;
		break;
	case IPP_RESUME_SKIP:
		name_damage(r, damage, r->len);
		r->is_skipping = true;
		break;
	case IPP_RESUME_SCAN:
		if (!scan(r, damage))
			return 0;
		r->name = (struct text){NULL, 0};
		break;
	}
	r->depth = 0;
	r->error = 0;
	return 1;
}
