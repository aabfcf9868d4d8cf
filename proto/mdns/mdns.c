/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mdns/mdns.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum {
	HEADER = 12,
	TYPE_PTR = 12,
	CLASS_IN = 1,
	CLASS_MASK = 0x7fff, /* the highest bit says "flush your cache" */
	FLAG_RESPONSE = 0x8000,
	RCODE = 0x000f,
	LABEL_MAX = 63,
	NAME_MAX = 255,
	JUMPS_MAX = 16,  /* compression points backwards only; more is a maze */
	RECORDS_MAX = 64 /* of one answer; a printer has a few */
};

static const char *const services[] = {"_ipp._tcp.local", "_pdl-datastream._tcp.local"};
enum { SERVICES = sizeof services / sizeof services[0] };

static void put16(uint8_t *dst, unsigned v)
{
	dst[0] = (uint8_t)(v >> 8);
	dst[1] = (uint8_t)v;
}

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* ---- the question ----------------------------------------------------------------------- */

/* Text with dots as labels; `dst` has room for two bytes more than the text has. */
static size_t put_name(uint8_t *dst, const char *text)
{
	size_t at = 0;
	while (*text != '\0') {
		size_t n = strcspn(text, ".");
		dst[at++] = (uint8_t)n;
		memcpy(dst + at, text, n);
		at += n;
		text += n;
		text += *text == '.';
	}
	dst[at++] = 0;
	return at;
}

int mdns_query(uint8_t *dst, size_t cap, uint16_t id)
{
	uint8_t bytes[MDNS_QUERY_BYTES] = {0};
	size_t at = HEADER;
	put16(bytes, id);
	put16(bytes + 4, SERVICES);
	for (size_t i = 0; i < SERVICES; i++) {
		at += put_name(bytes + at, services[i]);
		put16(bytes + at, TYPE_PTR);
		put16(bytes + at + 2, CLASS_IN);
		at += 4;
	}
	if (at > cap)
		return ERR_FULL;
	memcpy(dst, bytes, at);
	return (int)at;
}

/* ---- the answer ------------------------------------------------------------------------- */

struct reader {
	const uint8_t *bytes;
	size_t len;
	size_t at;
};

/* The name at r->at as text with dots; r->at is behind it then. */
static int take_name(struct reader *r, char dst[NAME_MAX + 1])
{
	size_t at = r->at, n = 0;
	bool has_jumped = false;
	for (unsigned jumps = 0; jumps <= JUMPS_MAX;) {
		if (at >= r->len)
			return ERR_SHORT;
		unsigned label = r->bytes[at];
		if (label >= 0xc0) {
			if (at + 2 > r->len)
				return ERR_SHORT;
			size_t to = get16(r->bytes + at) & 0x3fff;
			if (!has_jumped)
				r->at = at + 2;
			has_jumped = true;
			if (to >= at)
				return ERR_FORMAT;
			at = to;
			jumps++;
			continue;
		}
		if (label > LABEL_MAX)
			return ERR_FORMAT;
		at++;
		if (label == 0) {
			if (!has_jumped)
				r->at = at;
			dst[n] = '\0';
			return 0;
		}
		if (at + label > r->len)
			return ERR_SHORT;
		if (n + label + 1 > NAME_MAX)
			return ERR_LIMIT;
		if (n > 0)
			dst[n++] = '.';
		memcpy(dst + n, r->bytes + at, label);
		n += label;
		at += label;
	}
	return ERR_LIMIT;
}

static unsigned service_of(const char *name)
{
	for (unsigned i = 0; i < SERVICES; i++) {
		if (strcasecmp(name, services[i]) == 0)
			return 1u << i;
	}
	return 0;
}

static int skip_question(struct reader *r)
{
	char name[NAME_MAX + 1];
	int err = take_name(r, name);
	if (err < 0)
		return err;
	if (r->len - r->at < 4)
		return ERR_SHORT;
	r->at += 4;
	return 0;
}

/* The service that a record points at; 0 none of ours. */
static int take_record(struct reader *r)
{
	enum { FIXED = 10 }; /* type, class, ttl, length */
	char name[NAME_MAX + 1];
	int err = take_name(r, name);
	if (err < 0)
		return err;
	if (r->len - r->at < FIXED)
		return ERR_SHORT;
	unsigned type = get16(r->bytes + r->at), class = get16(r->bytes + r->at + 2) & CLASS_MASK;
	size_t data = get16(r->bytes + r->at + 8);
	r->at += FIXED;
	if (r->len - r->at < data)
		return ERR_SHORT;
	r->at += data;
	return type == TYPE_PTR && class == CLASS_IN ? (int)service_of(name) : 0;
}

int mdns_answer(const uint8_t *bytes, size_t len, uint16_t id)
{
	struct reader r = {bytes, len, HEADER};
	int found = 0;
	if (len < HEADER)
		return ERR_SHORT;
	unsigned flags = get16(bytes + 2), questions = get16(bytes + 4), answers = get16(bytes + 6);
	if (get16(bytes) != id || (flags & FLAG_RESPONSE) == 0 || (flags & RCODE) != 0)
		return ERR_FORMAT;
	if (questions > RECORDS_MAX)
		return ERR_LIMIT;
	for (unsigned i = 0; i < questions; i++) {
		int err = skip_question(&r);
		if (err < 0)
			return err;
	}
	for (unsigned i = 0; i < answers && i < RECORDS_MAX; i++) {
		int service = take_record(&r);
		if (service < 0)
			return service;
		found |= service;
	}
	return found;
}
