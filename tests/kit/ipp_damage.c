/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/ipp_damage.h"

#include <stdio.h>

const char *damage_kind_name(enum damage_kind kind)
{
	static const char *const names[DAMAGE_KINDS] = {"value length too large",
		"value length too small", "value length at random", "name length at random",
		"name length 0", "name of control characters", "tag of a group", "tag out of band",
		"tag of a collection", "tag of another type", "value cut", "value longer",
		"number of another size", "NUL in a text", "member outside of a collection",
		"end of no collection", "collection without an end", "member without a name",
		"member with an empty name", "collections too deep"};
	return names[kind];
}

unsigned damage_random(uint64_t *seed, unsigned below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (unsigned)(*seed >> 33) % below;
}

/* ---- a response ------------------------------------------------------------------------- */

enum form {
	FORM_TEXT,
	FORM_LANGUAGE,
	FORM_NUMBER,
	FORM_ENUM,
	FORM_COLLECTION,
	FORM_OCTETS,
	FORM_RANGE
};

static const struct {
	const char *name;
	uint8_t form;
	uint8_t tag;
	const char *text;
	uint8_t max; /* values */
} attributes[] = {{"printer-make-and-model", FORM_TEXT, IPP_TEXT, "Ricoh IM C3000", 1},
	{"printer-device-id", FORM_TEXT, IPP_TEXT, "MFG:RICOH;CMD:PCL;MDL:IM C3000;", 1},
	{"printer-serial-number", FORM_TEXT, IPP_TEXT, "3094M530112", 1},
	{"printer-uuid", FORM_TEXT, IPP_URI, "urn:uuid:00000000-0000-0000-0000-305a3a000102", 1},
	{"printer-firmware-name", FORM_TEXT, IPP_NAME, "System", 2},
	{"printer-firmware-string-version", FORM_TEXT, IPP_TEXT, "1.02", 2},
	{"printer-up-time", FORM_NUMBER, IPP_INTEGER, NULL, 1},
	{"printer-state", FORM_ENUM, IPP_ENUM, NULL, 1},
	{"printer-state-reasons", FORM_TEXT, IPP_KEYWORD, "media-low", 3},
	{"printer-alert", FORM_OCTETS, IPP_OCTETS, "code=jam;index=1;severity=critical", 3},
	{"printer-alert-description", FORM_LANGUAGE, IPP_TEXT_WITH_LANGUAGE, "Paper jam", 3},
	{"printer-supply", FORM_OCTETS, IPP_OCTETS,
		"type=toner;maxcapacity=100;level=70;colorantname=cyan;", 4},
	{"printer-supply-description", FORM_TEXT, IPP_TEXT, "Cyan Toner, PN 842313", 4},
	{"marker-names", FORM_TEXT, IPP_NAME, "Black Cartridge", 4},
	{"marker-types", FORM_TEXT, IPP_KEYWORD, "toner-cartridge", 4},
	{"marker-colors", FORM_TEXT, IPP_NAME, "#000000", 4},
	{"marker-levels", FORM_NUMBER, IPP_INTEGER, NULL, 4},
	{"printer-impressions-completed", FORM_NUMBER, IPP_INTEGER, NULL, 1},
	{"printer-media-sheets-completed", FORM_NUMBER, IPP_INTEGER, NULL, 1},
	{"printer-impressions-completed-col", FORM_COLLECTION, 0, "full-color", 1},
	{"printer-input-tray", FORM_OCTETS, IPP_OCTETS, "type=sheetFeedManual;level=-2;name=By", 3},
	{"pages-per-minute", FORM_NUMBER, IPP_INTEGER, NULL, 1},
	{"media-col-database", FORM_COLLECTION, 0, "media-size", 3},
	{"media-supported", FORM_TEXT, IPP_KEYWORD, "iso_a4_210x297mm", 5},
	{"copies-supported", FORM_RANGE, IPP_RANGE, NULL, 1},
	{"printer-info", FORM_LANGUAGE, IPP_TEXT_WITH_LANGUAGE, "third floor", 1},
	{"x-vendor-setting", FORM_TEXT, IPP_TEXT, "II Series 5 of 7", 2},
	{"finishings-col-ready", FORM_COLLECTION, 0, "finishing-template", 2}};

enum { KNOWN = sizeof attributes / sizeof attributes[0] };
_Static_assert(KNOWN <= (int)DAMAGE_ATTRIBUTES, "each of them fits");

static void put_value(struct damage_attribute *a, struct ipp_message *m, unsigned tag,
	const char *name, const void *p, size_t n)
{
	struct damage_value *v = &a->value[a->values++];
	assert_true(a->values <= DAMAGE_VALUES);
	v->at = m->n;
	v->value_at = m->n + 3 + strlen(name) + 2;
	v->tag = (uint8_t)tag;
	message_raw(m, tag, name, p, n);
	v->end = m->n;
}

static void put_number(struct damage_attribute *a, struct ipp_message *m, unsigned tag,
	const char *name, unsigned number)
{
	uint8_t b[4] = {0, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
	put_value(a, m, tag, name, b, sizeof b);
}

static void put_collection(struct damage_attribute *a, struct ipp_message *m, const char *name,
	const char *member, uint64_t *seed)
{
	put_value(a, m, IPP_BEGIN_COLLECTION, name, "", 0);
	put_value(a, m, IPP_MEMBER_NAME, "", member, strlen(member));
	put_number(a, m, IPP_INTEGER, "", damage_random(seed, 30000));
	if (damage_random(seed, 2) == 0) {
		put_value(a, m, IPP_MEMBER_NAME, "", "media-size", 10);
		put_value(a, m, IPP_BEGIN_COLLECTION, "", "", 0);
		put_value(a, m, IPP_MEMBER_NAME, "", "x-dimension", 11);
		put_number(a, m, IPP_INTEGER, "", 21000);
		put_value(a, m, IPP_END_COLLECTION, "", "", 0);
	}
	put_value(a, m, IPP_END_COLLECTION, "", "", 0);
}

static void put_text(struct damage_attribute *a, struct ipp_message *m, unsigned form, unsigned tag,
	const char *name, const char *text, uint64_t *seed)
{
	char varied[80];
	uint8_t bytes[128] = {0, 2, 'e', 'n', 0};
	int n = damage_random(seed, 2) == 0
			? snprintf(varied, sizeof varied, "%s", text)
			: snprintf(varied, sizeof varied, "%s %u", text, damage_random(seed, 1000));
	if (form != FORM_LANGUAGE) {
		put_value(a, m, tag, name, varied, (size_t)n);
		return;
	}
	bytes[5] = (uint8_t)n;
	memcpy(bytes + 6, varied, (size_t)n);
	put_value(a, m, tag, name, bytes, 6 + (size_t)n);
}

static void put_one(struct damage_attribute *a, struct ipp_message *m, unsigned i, const char *name,
	uint64_t *seed)
{
	static const uint8_t range[8] = {0, 0, 0, 1, 0, 0, 3, 231};
	switch ((enum form)attributes[i].form) {
	case FORM_NUMBER:
		put_number(a, m, attributes[i].tag, name, damage_random(seed, 1u << 20));
		break;
	case FORM_ENUM:
		put_number(a, m, attributes[i].tag, name, 3 + damage_random(seed, 3));
		break;
	case FORM_RANGE:
		put_value(a, m, attributes[i].tag, name, range, sizeof range);
		break;
	case FORM_COLLECTION:
		put_collection(a, m, name, attributes[i].text, seed);
		break;
	case FORM_TEXT:
	case FORM_LANGUAGE:
	case FORM_OCTETS:
		put_text(a, m, attributes[i].form, attributes[i].tag, name, attributes[i].text,
			seed);
		break;
	}
}

void damage_make(struct damage_response *to, uint64_t *seed)
{
	unsigned order[KNOWN];
	for (unsigned i = 0; i < KNOWN; i++)
		order[i] = i;
	for (unsigned i = KNOWN - 1; i > 0; i--) {
		unsigned j = damage_random(seed, i + 1), kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
	message_response(&to->m, 0);
	message_int(&to->m, IPP_INTEGER, "pages-per-minute-color", 30); /* never malformed */
	to->count = 2 + damage_random(seed, KNOWN - 2);
	for (unsigned k = 0; k < to->count; k++) {
		struct damage_attribute *a = &to->attribute[k];
		unsigned i = order[k], values = 1 + damage_random(seed, attributes[i].max);
		a->name = attributes[i].name;
		a->values = 0;
		a->begin = to->m.n;
		for (unsigned v = 0; v < values; v++)
			put_one(a, &to->m, i, v == 0 ? a->name : "", seed);
		a->end = to->m.n;
	}
	message_end(&to->m);
}

/* ---- damage ----------------------------------------------------------------------------- */

/* A value of the attribute, and the message that is made of it. */
struct damage {
	struct ipp_message *to;
	const struct damage_response *from;
	const struct damage_attribute *a;
	const struct damage_value *v;
	uint64_t *seed;
};

static void copy(struct damage *d, size_t from, size_t to)
{
	message_bytes(d->to, d->from->m.bytes + from, to - from);
}

static void put_u16(struct damage *d, size_t v)
{
	message_u8(d->to, (unsigned)(v >> 8 & 0xff));
	message_u8(d->to, (unsigned)(v & 0xff));
}

static bool with_value_length(struct damage *d, size_t length)
{
	size_t is = d->v->end - d->v->value_at;
	if (length == is || length > 0xffff)
		return false;
	copy(d, d->a->begin, d->v->value_at - 2);
	put_u16(d, length);
	copy(d, d->v->value_at, d->a->end);
	return true;
}

static bool with_value_length_of(struct damage *d, enum damage_kind kind)
{
	size_t is = d->v->end - d->v->value_at;
	if (kind == DAMAGE_VALUE_LENGTH_MORE)
		return with_value_length(d, is + 1 + damage_random(d->seed, 300));
	if (kind == DAMAGE_VALUE_LENGTH_ANY)
		return with_value_length(d, damage_random(d->seed, 65536));
	return is > 0 && with_value_length(d, damage_random(d->seed, (unsigned)is));
}

static bool with_name_length(struct damage *d, size_t length)
{
	if (length == strlen(d->a->name))
		return false;
	copy(d, d->a->begin, d->a->begin + 1);
	put_u16(d, length);
	copy(d, d->a->begin + 3, d->a->end);
	return true;
}

static bool with_name_bytes(struct damage *d)
{
	size_t name = strlen(d->a->name), at = damage_random(d->seed, (unsigned)name);
	copy(d, d->a->begin, d->a->begin + 3 + at);
	message_u8(d->to, damage_random(d->seed, 0x20));
	copy(d, d->a->begin + 3 + at + 1, d->a->end);
	return true;
}

static bool with_tag(struct damage *d, unsigned tag)
{
	if (tag == d->v->tag)
		return false;
	copy(d, d->a->begin, d->v->at);
	message_u8(d->to, tag);
	copy(d, d->v->at + 1, d->a->end);
	return true;
}

static bool with_tag_of(struct damage *d, enum damage_kind kind)
{
	static const uint8_t collection[] = {
		IPP_BEGIN_COLLECTION, IPP_END_COLLECTION, IPP_MEMBER_NAME};
	bool is_text = d->v->tag >= IPP_TEXT;
	if (d->v->tag == IPP_BEGIN_COLLECTION || d->v->tag == IPP_END_COLLECTION)
		is_text = false;
	switch (kind) {
	case DAMAGE_TAG_DELIMITER:
		return with_tag(d, damage_random(d->seed, IPP_LAST_DELIMITER + 1));
	case DAMAGE_TAG_OUT_OF_BAND:
		return d->v->end > d->v->value_at &&
		       with_tag(d, IPP_UNSUPPORTED + damage_random(d->seed, 16));
	case DAMAGE_TAG_COLLECTION:
		return with_tag(d, collection[damage_random(d->seed, 3)]);
	default:
		return with_tag(d, is_text ? IPP_INTEGER : IPP_TEXT);
	}
}

/* The bytes of the value change, its length does not. */
static bool with_value_bytes(struct damage *d, bool is_longer)
{
	size_t len = d->v->end - d->v->value_at;
	size_t cut = len > 0 ? damage_random(d->seed, (unsigned)len) : 0;
	/* At the very end that is a message that is cut off. */
	bool is_last = d->v->end + 1 == d->from->m.n;
	if (!is_longer && (len == 0 || is_last))
		return false;
	copy(d, d->a->begin, is_longer ? d->v->end : d->v->value_at + cut);
	for (unsigned n = is_longer ? 1 + damage_random(d->seed, 40) : 0; n > 0; n--)
		message_u8(d->to, ' ' + damage_random(d->seed, 95));
	copy(d, d->v->end, d->a->end);
	return true;
}

static bool with_size(struct damage *d)
{
	size_t len = d->v->end - d->v->value_at;
	size_t size = damage_random(d->seed, 10);
	bool is_number =
		d->v->tag == IPP_INTEGER || d->v->tag == IPP_ENUM || d->v->tag == IPP_RANGE;
	if (!is_number || size == len)
		return false;
	copy(d, d->a->begin, d->v->value_at - 2);
	put_u16(d, size);
	for (size_t i = 0; i < size; i++)
		message_u8(d->to, i == 0 ? 0 : damage_random(d->seed, 256));
	copy(d, d->v->end, d->a->end);
	return true;
}

static bool with_nul(struct damage *d)
{
	size_t len = d->v->end - d->v->value_at;
	if (d->v->tag < IPP_TEXT || d->v->tag >= IPP_MEMBER_NAME || len < 3)
		return false;
	size_t at = d->v->value_at + damage_random(d->seed, (unsigned)len - 1);
	copy(d, d->a->begin, at);
	message_u8(d->to, 0);
	copy(d, at + 1, d->a->end);
	return true;
}

static bool with_stray(struct damage *d, bool is_end)
{
	copy(d, d->a->begin, d->a->end);
	if (is_end) {
		message_raw(d->to, IPP_END_COLLECTION, "", "", 0);
		return true;
	}
	message_text(d->to, IPP_MEMBER_NAME, "", "media-color");
	message_text(d->to, IPP_KEYWORD, "", "white");
	return true;
}

/* Leaves out the last value with this tag. */
static bool without(struct damage *d, uint8_t tag)
{
	const struct damage_value *last = NULL;
	for (unsigned i = 0; i < d->a->values; i++) {
		if (d->a->value[i].tag == tag)
			last = &d->a->value[i];
	}
	if (last == NULL)
		return false;
	copy(d, d->a->begin, last->at);
	copy(d, last->end, d->a->end);
	return true;
}

static bool with_empty_member(struct damage *d)
{
	if (d->v->tag != IPP_MEMBER_NAME)
		return false;
	copy(d, d->a->begin, d->v->at);
	message_raw(d->to, IPP_MEMBER_NAME, "", "", 0);
	copy(d, d->v->end, d->a->end);
	return true;
}

static bool with_depth(struct damage *d)
{
	for (unsigned i = 0; i <= LIMIT_IPP_DEPTH; i++) {
		if (i > 0)
			message_text(d->to, IPP_MEMBER_NAME, "", "deeper");
		message_raw(d->to, IPP_BEGIN_COLLECTION, i == 0 ? d->a->name : "", "", 0);
	}
	for (unsigned i = 0; i <= LIMIT_IPP_DEPTH; i++)
		message_raw(d->to, IPP_END_COLLECTION, "", "", 0);
	return true;
}

static bool apply(struct damage *d, enum damage_kind kind)
{
	switch (kind) {
	case DAMAGE_VALUE_LENGTH_MORE:
	case DAMAGE_VALUE_LENGTH_LESS:
	case DAMAGE_VALUE_LENGTH_ANY:
		return with_value_length_of(d, kind);
	case DAMAGE_NAME_LENGTH:
		return with_name_length(d, damage_random(d->seed, 4) == 0
						   ? damage_random(d->seed, 65536)
						   : damage_random(d->seed, 64));
	case DAMAGE_NAME_EMPTY:
		return with_name_length(d, 0);
	case DAMAGE_NAME_BYTES:
		return with_name_bytes(d);
	case DAMAGE_TAG_DELIMITER:
	case DAMAGE_TAG_OUT_OF_BAND:
	case DAMAGE_TAG_COLLECTION:
	case DAMAGE_TAG_OTHER_TYPE:
		return with_tag_of(d, kind);
	case DAMAGE_VALUE_CUT:
	case DAMAGE_VALUE_LONGER:
		return with_value_bytes(d, kind == DAMAGE_VALUE_LONGER);
	case DAMAGE_SIZE:
		return with_size(d);
	case DAMAGE_NUL:
		return with_nul(d);
	case DAMAGE_STRAY_MEMBER:
	case DAMAGE_STRAY_END:
		return with_stray(d, kind == DAMAGE_STRAY_END);
	case DAMAGE_NO_END:
		return without(d, IPP_END_COLLECTION);
	case DAMAGE_NO_MEMBER:
		return without(d, IPP_MEMBER_NAME);
	case DAMAGE_EMPTY_MEMBER:
		return with_empty_member(d);
	case DAMAGE_TOO_DEEP:
		return with_depth(d);
	case DAMAGE_KINDS:
		break;
	}
	return false;
}

bool damage_apply(struct ipp_message *to, size_t *end, const struct damage_response *from,
	unsigned k, enum damage_kind kind, uint64_t *seed)
{
	const struct damage_attribute *a = &from->attribute[k];
	struct damage d = {to, from, a, &a->value[damage_random(seed, a->values)], seed};
	to->n = 0;
	copy(&d, 0, a->begin);
	if (!apply(&d, kind))
		return false;
	*end = to->n;
	copy(&d, a->end, from->m.n);
	return true;
}
