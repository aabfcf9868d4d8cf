/* SPDX-License-Identifier: Apache-2.0
 * A printer as a sorted table of the standard MIBs. It is written down here by hand, apart from
 * proto/mib/mib, so that a mistake there does not hide itself at both ends. */
#include "tests/replay/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum value { FIXED, PAGES, SERIAL, TONER_LEVEL, UPTIME, ALERT_ROW };

struct row {
	const char *oid;
	uint8_t type; /* enum ber_type */
	uint8_t value;
	int32_t number;   /* of a FIXED INTEGER */
	const char *text; /* of a FIXED OCTET STRING */
	struct oid_ber ber;
	uint8_t bytes[32];
};

/* Sorted by OID. */
static struct row rows[] = {
	{"1.3.6.1.2.1.1.1.0", BER_OCTETS, FIXED, 0, "Xerox Replay 1; SW 1.2.3", {0}, {0}},
	{"1.3.6.1.2.1.1.2.0", BER_OID, FIXED, 0, "\x2b\x06\x01\x04\x01\x81\x7d\x01", {0}, {0}},
	{"1.3.6.1.2.1.1.3.0", BER_TIMETICKS, UPTIME, 0, NULL, {0}, {0}},
	{"1.3.6.1.2.1.2.2.1.6.1", BER_OCTETS, FIXED, 0, "\x02\x10\x20\x30\x40\x50", {0}, {0}},
	{"1.3.6.1.2.1.25.3.2.1.2.1", BER_OID, FIXED, 0, "\x2b\x06\x01\x02\x01\x19\x03\x01\x05", {0},
		{0}},
	{"1.3.6.1.2.1.25.3.2.1.3.1", BER_OCTETS, FIXED, 0, "Xerox Replay 1", {0}, {0}},
	{"1.3.6.1.2.1.25.3.2.1.5.1", BER_INTEGER, FIXED, 2, NULL, {0}, {0}},
	{"1.3.6.1.2.1.25.3.5.1.1.1", BER_INTEGER, FIXED, 3, NULL, {0}, {0}},
	{"1.3.6.1.2.1.25.3.5.1.2.1", BER_OCTETS, FIXED, 0, "\x01\x01", {0}, {0}},
	{"1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, SERIAL, 0, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.10.2.1.3.1.1", BER_INTEGER, FIXED, 7, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, PAGES, 0, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.3.1.1", BER_INTEGER, FIXED, 1, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.4.1.1", BER_INTEGER, FIXED, 3, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.5.1.1", BER_INTEGER, FIXED, 3, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.6.1.1", BER_OCTETS, FIXED, 0, "Black Toner", {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.7.1.1", BER_INTEGER, FIXED, 19, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.8.1.1", BER_INTEGER, FIXED, 100, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.11.1.1.9.1.1", BER_INTEGER, TONER_LEVEL, 0, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.12.1.1.4.1.1", BER_OCTETS, FIXED, 0, "black", {0}, {0}},
	{"1.3.6.1.2.1.43.18.1.1.2.1.1", BER_INTEGER, ALERT_ROW, 4, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.18.1.1.4.1.1", BER_INTEGER, ALERT_ROW, 11, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.18.1.1.7.1.1", BER_INTEGER, ALERT_ROW, 1104, NULL, {0}, {0}},
	{"1.3.6.1.2.1.43.18.1.1.8.1.1", BER_OCTETS, ALERT_ROW, 0, "Toner low", {0}, {0}},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void make_names(void)
{
	for (size_t i = 0; i < ROWS && rows[i].ber.p == NULL; i++) {
		struct oid o;
		int n = oid_from_text(&o, rows[i].oid);
		if (n == 0)
			n = oid_encode(rows[i].bytes, sizeof rows[i].bytes, &o);
		if (n <= 0)
			abort();
		rows[i].ber = (struct oid_ber){rows[i].bytes, (size_t)n};
		if (i > 0 && oid_ber_compare(rows[i - 1].ber, rows[i].ber) >= 0)
			abort();
	}
}

uint64_t world_pages(const struct printer *p, uint64_t at_ms)
{
	if (p->page_every_ms == 0)
		return 1000;
	uint64_t in_day = at_ms % DAY_MS;
	uint64_t today = in_day < 8 * HOUR_MS    ? 0
			 : in_day > 18 * HOUR_MS ? 10 * HOUR_MS
						 : in_day - 8 * HOUR_MS;
	return 1000 + (at_ms / DAY_MS * 10 * HOUR_MS + today) / p->page_every_ms;
}

bool world_is_low(const struct printer *p, uint64_t at_ms)
{
	return at_ms >= p->low_from_ms && at_ms < p->low_until_ms;
}

bool world_is_silent(const struct printer *p, uint64_t at_ms)
{
	return at_ms >= p->silent_from_ms && at_ms < p->silent_until_ms;
}

/* ---- answers ------------------------------------------------------------------------------ */

static uint8_t memory[1u << 16];
static size_t used;

static const uint8_t *keep(const void *bytes, size_t len)
{
	if (used + len > sizeof memory)
		abort();
	memcpy(memory + used, bytes, len);
	used += len;
	return memory + used - len;
}

static void put_number(struct varbind *vb, uint64_t v)
{
	uint8_t bytes[5] = {
		0, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	vb->value = keep(bytes, 5);
	vb->len = 5;
}

static void put_value(struct varbind *vb, const struct row *r, const struct printer *p,
	size_t number, uint64_t at_ms)
{
	char serial[16];
	*vb = (struct varbind){.name = r->ber, .type = r->type};
	switch ((enum value)r->value) {
	case PAGES:
		put_number(vb, world_pages(p, at_ms));
		return;
	case UPTIME:
		put_number(vb, (at_ms - p->up_since_ms) / 10);
		return;
	case TONER_LEVEL:
		put_number(vb, 100 - world_pages(p, at_ms) / 500 % 100);
		return;
	case SERIAL:
		if (at_ms >= p->nameless_from_ms && at_ms < p->nameless_until_ms)
			serial[0] = '\0';
		else
			(void)snprintf(
				serial, sizeof serial, "RPL%06u", (unsigned)number + p->serial_add);
		vb->value = keep(serial, strlen(serial));
		vb->len = strlen(serial);
		return;
	case FIXED:
	case ALERT_ROW:
		if (r->text == NULL) {
			put_number(vb, (uint64_t)r->number);
			return;
		}
		vb->value = (const uint8_t *)r->text;
		vb->len = strlen(r->text);
		return;
	}
}

static bool is_there(const struct row *r, const struct printer *p, uint64_t at_ms)
{
	return r->value != ALERT_ROW || world_is_low(p, at_ms);
}

/* The first row behind `name`, or NULL. */
static const struct row *next_row(struct oid_ber name, const struct printer *p, uint64_t at_ms)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (oid_ber_compare(rows[i].ber, name) > 0 && is_there(&rows[i], p, at_ms))
			return &rows[i];
	}
	return NULL;
}

/* A table without an end: name with its last sub-identifier counted up, for ever. */
static bool endless(struct varbind *vb, struct oid_ber name)
{
	static const uint8_t supplies[] = {0x2b, 6, 1, 2, 1, 0x2b, 0x0b, 1, 1};
	struct oid o;
	if (!oid_ber_has_prefix(name, (struct oid_ber){supplies, sizeof supplies}) ||
		name.len <= sizeof supplies || oid_decode(&o, name) < 0)
		return false;
	while (o.len < 13)
		o.sub[o.len++] = 1;
	o.sub[12]++;
	uint8_t ber[64];
	int n = oid_encode(ber, sizeof ber, &o);
	if (n < 0)
		return false;
	*vb = (struct varbind){.name = {keep(ber, (size_t)n), (size_t)n}, .type = BER_INTEGER};
	put_number(vb, 1);
	return true;
}

static void put_next(struct varbind *vb, struct oid_ber name, const struct printer *p,
	size_t number, uint64_t at_ms)
{
	if (p->is_endless && endless(vb, name))
		return;
	const struct row *r = next_row(name, p, at_ms);
	if (r != NULL)
		put_value(vb, r, p, number, at_ms);
	else
		*vb = (struct varbind){
			.name = {keep(name.p, name.len), name.len}, .type = BER_END_OF_MIB_VIEW};
}

static void put_exact(struct varbind *vb, struct oid_ber name, const struct printer *p,
	size_t number, uint64_t at_ms)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (oid_ber_is_equal(rows[i].ber, name) && is_there(&rows[i], p, at_ms)) {
			put_value(vb, &rows[i], p, number, at_ms);
			return;
		}
	}
	*vb = (struct varbind){
		.name = {keep(name.p, name.len), name.len}, .type = BER_NO_SUCH_INSTANCE};
}

size_t world_answer(const struct printer *p, size_t number, uint64_t at_ms,
	const struct snmp_request *q, struct varbind *vb, size_t max)
{
	size_t n = 0, at = 0;
	make_names();
	used = 0;
	if (max > 100)
		max = 100; /* what fits a datagram */
	for (size_t i = 0; i < q->oids && n < max; i++) {
		struct oid_ber name = snmp_request_oid(q, i, &at);
		if (q->pdu == SNMP_GET)
			put_exact(&vb[n++], name, p, number, at_ms);
		else
			put_next(&vb[n++], name, p, number, at_ms);
	}
	if (q->pdu != SNMP_GETBULK)
		return n;
	size_t fixed = q->non_repeaters < q->oids ? q->non_repeaters : q->oids;
	size_t columns = q->oids - fixed;
	for (size_t round = 1; round < q->max_repetitions && columns > 0; round++) {
		for (size_t c = 0; c < columns && n < max; c++, n++)
			put_next(&vb[n], vb[n - columns].name, p, number, at_ms);
	}
	return n;
}
