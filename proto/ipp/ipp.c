/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ipp/ipp.h"

#include <string.h>

enum { IPP_HEAD_BYTES = 8, IPP_URI_MAX = 1023, IPP_NAME_MAX = 255 };

static uint16_t u16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t u32_at(const uint8_t *p)
{
	return (uint32_t)u16_at(p) << 16 | u16_at(p + 2);
}

/* ---- reading ---------------------------------------------------------------------------- */

static int fail(struct ipp_reader *r, size_t at, int err, const char *why)
{
	r->error = err;
	r->error_at = at;
	r->why = why;
	r->resume = IPP_RESUME_NONE;
	return err;
}

/* The same for an error behind which ipp_recover can go on. */
static int fail_soft(
	struct ipp_reader *r, size_t at, enum ipp_resume resume, int err, const char *why)
{
	r->resume_at = at;
	(void)fail(r, at, err, why);
	r->resume = (uint8_t)resume;
	return err;
}

int ipp_open(struct ipp_reader *r, struct ipp_head *head, const uint8_t *p, size_t len)
{
	memset(r, 0, sizeof *r);
	memset(head, 0, sizeof *head);
	r->p = p;
	r->len = len;
	if (len < IPP_HEAD_BYTES)
		return fail(r, len, ERR_SHORT, "shorter than the head of an IPP message");
	head->major = p[0];
	head->minor = p[1];
	head->status = u16_at(p + 2);
	head->request_id = u32_at(p + 4);
	if (head->major != 1 && head->major != 2)
		return fail(r, 0, ERR_VERSION, "neither IPP/1.x nor IPP/2.x");
	if (len > LIMIT_IPP_BYTES)
		return fail(r, LIMIT_IPP_BYTES, ERR_LIMIT, "longer than a response may be");
	r->at = IPP_HEAD_BYTES;
	return 0;
}

/* Reads a field with its 16-bit length. */
static int read_field(struct ipp_reader *r, const uint8_t **p, size_t *n)
{
	if (r->len - r->at < 2)
		return fail_soft(r, r->len, IPP_RESUME_SCAN, ERR_SHORT, "ends inside a length");
	size_t len = u16_at(r->p + r->at);
	if (r->len - r->at - 2 < len)
		return fail_soft(
			r, r->at, IPP_RESUME_SCAN, ERR_SHORT, "a length that reaches over the end");
	*p = r->p + r->at + 2;
	*n = len;
	r->at += 2 + len;
	return 0;
}

static bool is_printable(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if ((unsigned char)t.p[i] <= ' ' || (unsigned char)t.p[i] > '~')
			return false;
	}
	return true;
}

/* RFC 8010 3.1.6: inside a collection, names are values of their own. */
static int name_member(struct ipp_reader *r, const struct ipp_item *item, struct text name)
{
	uint8_t tag = item->value.tag;
	if (name.len > 0)
		return fail_soft(r, item->at,
			ipp_find_attribute(r, item->at, item->at + 1) == item->at
				? IPP_RESUME_REREAD
				: IPP_RESUME_SCAN,
			ERR_FORMAT, "an attribute inside a collection");
	if (tag != IPP_MEMBER_NAME && tag != IPP_END_COLLECTION && r->member[r->depth].len == 0)
		return fail_soft(
			r, item->at, IPP_RESUME_SKIP, ERR_FORMAT, "a member without a name");
	return 0;
}

/* Assigns a value to the name that came with it, or to the attribute or member before it. */
static int name_value(struct ipp_reader *r, const struct ipp_item *item, struct text name)
{
	if (r->depth > 0)
		return name_member(r, item, name);
	/* Before the name is accepted: these belong to the attribute before them. */
	if (item->value.tag == IPP_END_COLLECTION)
		return fail_soft(r, item->at, IPP_RESUME_SKIP, ERR_FORMAT,
			"the end of a collection that was not begun");
	if (item->value.tag == IPP_MEMBER_NAME)
		return fail_soft(r, item->at, IPP_RESUME_SKIP, ERR_FORMAT,
			"a member outside of a collection");
	if (name.len == 0) {
		if (r->name.len == 0)
			return fail_soft(r, item->at, IPP_RESUME_SKIP, ERR_FORMAT,
				"a value without an attribute");
		r->nth++;
		return 0;
	}
	if (++r->attributes > LIMIT_IPP_ATTRIBUTES)
		return fail(r, item->at, ERR_LIMIT, "too many attributes");
	r->name = name;
	r->nth = 0;
	return 0;
}

/* The tags of collections. 1: the item is a value for the caller; 0: it only changes the reader's
 * state. */
static int follow_collection(struct ipp_reader *r, const struct ipp_item *item)
{
	const struct ipp_value *v = &item->value;
	switch (v->tag) {
	case IPP_BEGIN_COLLECTION:
		if (r->depth == LIMIT_IPP_DEPTH)
			return fail_soft(
				r, item->at, IPP_RESUME_SKIP, ERR_LIMIT, "collections too deep");
		r->depth++;
		r->member[r->depth] = (struct text){NULL, 0};
		return 1;
	case IPP_END_COLLECTION:
		r->depth--;
		return 0;
	case IPP_MEMBER_NAME:
		if (v->len == 0)
			return fail_soft(r, item->at, IPP_RESUME_SKIP, ERR_FORMAT,
				"a member with an empty name");
		r->member[r->depth] = (struct text){(const char *)v->p, v->len};
		return 0;
	default:
		return 1;
	}
}

/* Whether the value before this tag has a length that cannot be right. */
static bool is_behind_unsound(const struct ipp_reader *r, size_t at)
{
	return r->value.p != NULL && r->value.p + r->value.len == r->p + at &&
	       !ipp_is_sound(&r->value);
}

/* Reads name and value behind a tag. 0 or an error. */
static int read_value(struct ipp_reader *r, struct ipp_item *item, struct text *name)
{
	const uint8_t *p;
	int err = read_field(r, &p, &name->len);
	name->p = (const char *)p;
	bool is_name = is_printable(*name) &&
		       (name->len == 0 || !is_behind_unsound(r, item->at) ||
			       ipp_find_attribute(r, item->at, item->at + 1) == item->at);
	if (err == 0 && !is_name)
		err = fail_soft(r, item->at, IPP_RESUME_SCAN, ERR_FORMAT,
			"the name of an attribute is no keyword");
	if (err == 0)
		err = read_field(r, &item->value.p, &item->value.len);
	if (err < 0) {
		r->resume_at = item->at;
		return err;
	}
	size_t begin = (size_t)(item->value.p - r->p);
	if (ipp_find_attribute(r, begin, r->at) < r->at) {
		r->scan_from = begin;
		return fail_soft(r, item->at, IPP_RESUME_SCAN, ERR_FORMAT,
			"a length that reaches over the next attribute");
	}
	return 0;
}

/* Reads the value after a tag that is no delimiter. 1: it is one for the caller. */
static int next_value(struct ipp_reader *r, struct ipp_item *item, uint8_t tag)
{
	struct text name = {NULL, 0};
	item->at = r->at - 1;
	item->value.tag = tag;
	if (r->group == 0)
		return fail_soft(r, item->at, IPP_RESUME_SCAN, ERR_FORMAT,
			"an attribute before the first group");
	if (++r->values > LIMIT_IPP_VALUES)
		return fail(r, item->at, ERR_LIMIT, "too many values");
	int err = read_value(r, item, &name);
	if (err < 0)
		return err;
	r->is_skipping = r->is_skipping && name.len == 0;
	err = r->is_skipping ? 0 : name_value(r, item, name);
	if (err < 0)
		return err;
	r->value = item->value;
	if (r->is_skipping)
		return 0;
	r->known_name = r->name;
	item->group = r->group;
	item->depth = r->depth;
	item->nth = r->nth;
	item->name = r->name;
	item->member = r->depth > 0 ? r->member[r->depth] : (struct text){NULL, 0};
	return follow_collection(r, item);
}

/* A delimiter starts a group or ends the message. 1: the message has ended. */
static int follow_delimiter(struct ipp_reader *r, uint8_t tag)
{
	size_t at = r->at - 1;
	bool is_last = tag == IPP_END && r->at == r->len;
	if (tag == 0)
		return fail_soft(r, at, IPP_RESUME_SCAN, ERR_FORMAT, "the reserved tag 0");
	if (r->depth > 0)
		return fail_soft(r, at,
			is_last || ipp_find_attribute(r, r->at, r->at + 1) == r->at
				? IPP_RESUME_REREAD
				: IPP_RESUME_SCAN,
			ERR_FORMAT, "a group ends inside a collection");
	if (!is_last && is_behind_unsound(r, at))
		return fail_soft(
			r, at, IPP_RESUME_SCAN, ERR_FORMAT, "a group begins inside a value");
	/* The bytes that may follow the end are a document's. */
	if (tag == IPP_END &&
		(ipp_find_attribute(r, r->at, r->len) < r->len || ipp_has_lost_tag(r, at)))
		return fail_soft(r, at, IPP_RESUME_SCAN, ERR_FORMAT,
			"the end of the attributes before the last one");
	r->is_skipping = false;
	r->name = (struct text){NULL, 0};
	r->group = tag;
	r->has_printer = r->has_printer || tag == IPP_GROUP_PRINTER;
	r->is_ended = tag == IPP_END;
	return r->is_ended;
}

int ipp_next(struct ipp_reader *r, struct ipp_item *item)
{
	memset(item, 0, sizeof *item);
	if (r->error < 0)
		return r->error;
	while (!r->is_ended) {
		if (r->at == r->len)
			return fail_soft(r, r->at, IPP_RESUME_SCAN, ERR_SHORT,
				"ends without the end-of-attributes tag");
		uint8_t tag = r->p[r->at++];
		int n = tag <= IPP_LAST_DELIMITER ? follow_delimiter(r, tag)
						  : next_value(r, item, tag);
		if (n < 0)
			return n;
		if (n == 1 && tag > IPP_LAST_DELIMITER)
			return 1;
	}
	return 0;
}

int ipp_integer(const struct ipp_value *v, int32_t *ret)
{
	if (v->tag != IPP_INTEGER && v->tag != IPP_ENUM)
		return ERR_TYPE;
	if (v->len != 4)
		return ERR_FORMAT;
	*ret = (int32_t)u32_at(v->p);
	return 0;
}

int ipp_text(const struct ipp_value *v, struct text *ret)
{
	if (v->tag != IPP_TEXT_WITH_LANGUAGE && v->tag != IPP_NAME_WITH_LANGUAGE) {
		if (v->tag != IPP_OCTETS && (v->tag < IPP_TEXT || v->tag > IPP_LAST_STRING))
			return ERR_TYPE;
		*ret = (struct text){(const char *)v->p, v->len};
		return 0;
	}
	size_t language = v->len >= 2 ? u16_at(v->p) : 0;
	if (v->len < 4 || v->len - 4 < language)
		return ERR_FORMAT;
	size_t len = u16_at(v->p + 2 + language);
	if (v->len - 4 - language != len)
		return ERR_FORMAT;
	*ret = (struct text){(const char *)v->p + 4 + language, len};
	return 0;
}

/* ---- writing ---------------------------------------------------------------------------- */

static int put_u16(struct buf *dst, size_t v)
{
	uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	return buf_put(dst, bytes, sizeof bytes);
}

/* Writes an attribute; with an empty name, a further value of the last one. */
static int put_string(struct buf *dst, uint8_t tag, const char *name, const char *value)
{
	int err = buf_put(dst, &tag, 1);
	if (err == 0)
		err = put_u16(dst, strlen(name));
	if (err == 0)
		err = buf_put_text(dst, name);
	if (err == 0)
		err = put_u16(dst, strlen(value));
	if (err == 0)
		err = buf_put_text(dst, value);
	return err;
}

static int put_request(struct buf *dst, const struct ipp_request *q)
{
	static const uint8_t end = IPP_END;
	uint32_t id = q->request_id;
	const uint8_t head[] = {q->major, q->minor, IPP_GET_PRINTER_ATTRIBUTES >> 8,
		IPP_GET_PRINTER_ATTRIBUTES, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
		(uint8_t)(id >> 8), (uint8_t)id, IPP_GROUP_OPERATION};
	int err = buf_put(dst, head, sizeof head);
	if (err == 0)
		err = put_string(dst, IPP_CHARSET, "attributes-charset", "utf-8");
	if (err == 0)
		err = put_string(dst, IPP_LANGUAGE, "attributes-natural-language", "en");
	if (err == 0)
		err = put_string(dst, IPP_URI, "printer-uri", q->uri);
	for (size_t i = 0; err == 0 && i < q->name_count; i++)
		err = put_string(
			dst, IPP_KEYWORD, i == 0 ? "requested-attributes" : "", q->names[i]);
	if (err == 0)
		err = buf_put(dst, &end, 1);
	return err;
}

int ipp_put_request(struct buf *dst, const struct ipp_request *q)
{
	bool is_known = (q->major == 1 && q->minor == 1) || (q->major == 2 && q->minor == 0);
	if (!is_known)
		return ERR_VERSION;
	if (strlen(q->uri) > IPP_URI_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < q->name_count; i++) {
		if (strlen(q->names[i]) > IPP_NAME_MAX)
			return ERR_LIMIT;
	}
	size_t before = dst->len;
	int err = put_request(dst, q);
	if (err < 0)
		dst->len = before;
	return err;
}
