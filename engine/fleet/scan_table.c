/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/scan_table.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/history/history.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The keys of a record. */
enum { KEY_NUMBER, KEY_SERIAL, KEY_MAC, KEY_ENGINE, KEY_KINDS };

enum { INDEX_MIN = 256, KEY_BYTES = 112, CLOCK_SLACK_MS = 5000 };

int scan_table_open(struct scan_table *t, size_t max, struct sip_key key)
{
	*t = (struct scan_table){.key = key, .index_mask = INDEX_MIN - 1};
	t->index = calloc(INDEX_MIN, sizeof t->index[0]);
	int err =
		t->index == NULL ? -ENOMEM : slab_open(&t->records, sizeof(struct scan_found), max);
	if (err < 0)
		scan_table_close(t);
	return err;
}

void scan_table_close(struct scan_table *t)
{
	free(t->index);
	t->index = NULL;
	slab_close(&t->records);
}

size_t scan_table_memory(const struct scan_table *t)
{
	return t->records.fresh * t->records.size + (t->index_mask + 1) * sizeof t->index[0];
}

/* ---- keys ------------------------------------------------------------------------------- */

/* "0000" and "Unknown" are on thousands of devices. The same rule as in the roster and the hub. */
static bool has_serial(const struct scan_found *f)
{
	char serial[LIMIT_TEXT_SHORT + 1];
	return history_serial(serial, sizeof serial, text_of(f->serial)) > 0;
}

static size_t put_text(uint8_t *dst, const char *text)
{
	size_t n = 0;
	for (; text[n] != '\0'; n++)
		dst[n] = (uint8_t)tolower((unsigned char)text[n]);
	dst[n++] = 0;
	return n;
}

/* 0: it has no such key. */
static size_t key_of(const struct scan_found *f, unsigned kind, uint8_t dst[KEY_BYTES])
{
	char serial[LIMIT_TEXT_SHORT + 1];
	size_t n = 0;
	dst[n++] = (uint8_t)kind;
	switch (kind) {
	case KEY_NUMBER:
		memcpy(dst + n, &f->number, sizeof f->number);
		return n + sizeof f->number;
	case KEY_SERIAL:
		if (history_serial(serial, sizeof serial, text_of(f->serial)) == 0)
			return 0;
		n += put_text(dst + n, f->vendor);
		return n + put_text(dst + n, serial);
	case KEY_MAC:
		if (!f->has_mac)
			return 0;
		memcpy(dst + n, f->mac, sizeof f->mac);
		return n + sizeof f->mac;
	default:
		memcpy(dst + n, f->engine, f->engine_len);
		return f->engine_len > 0 ? n + f->engine_len : 0;
	}
}

_Static_assert(
	1 + sizeof((struct scan_found *)0)->vendor + sizeof((struct scan_found *)0)->serial + 1 <=
		KEY_BYTES,
	"the longest key");

static size_t place_of(const struct scan_table *t, const uint8_t *key, size_t len)
{
	return (size_t)sip_hash(&t->key, key, len) & t->index_mask;
}

static bool has_key(
	const struct scan_table *t, uint32_t entry, unsigned kind, const uint8_t *key, size_t len)
{
	uint8_t other[KEY_BYTES];
	return (entry & 3) == kind && key_of(scan_table_at(t, entry >> 2), kind, other) == len &&
	       memcmp(other, key, len) == 0;
}

/* Doubled when half full. False: no memory; what there is stays good. */
static bool has_index_room(struct scan_table *t)
{
	if ((t->index_used + KEY_KINDS) * 2 <= t->index_mask + 1)
		return true;
	size_t places = (t->index_mask + 1) * 2;
	uint32_t *old = t->index, *grown = calloc(places, sizeof grown[0]);
	size_t old_places = t->index_mask + 1;
	if (grown == NULL)
		return false;
	t->index = grown;
	t->index_mask = places - 1;
	for (size_t i = 0; i < old_places; i++) {
		uint8_t key[KEY_BYTES];
		if (old[i] == 0)
			continue;
		uint32_t entry = old[i] - 1;
		size_t at = place_of(t, key, key_of(scan_table_at(t, entry >> 2), entry & 3, key));
		while (grown[at] != 0)
			at = (at + 1) & t->index_mask;
		grown[at] = old[i];
	}
	free(old);
	return true;
}

static void put_key(struct scan_table *t, const struct scan_found *f, unsigned kind)
{
	uint8_t key[KEY_BYTES];
	size_t len = key_of(f, kind, key);
	if (len == 0 || !has_index_room(t))
		return;
	size_t at = place_of(t, key, len);
	while (t->index[at] != 0)
		at = (at + 1) & t->index_mask;
	t->index[at] = 1 + ((uint32_t)scan_table_number_of(t, f) << 2 | kind);
	t->index_used++;
}

/* ---- records ---------------------------------------------------------------------------- */

struct scan_found *scan_table_find(const struct scan_table *t, uint32_t number)
{
	uint8_t key[KEY_BYTES];
	struct scan_found probe = {.number = number};
	size_t len = key_of(&probe, KEY_NUMBER, key);
	for (size_t at = place_of(t, key, len); t->index[at] != 0; at = (at + 1) & t->index_mask) {
		uint32_t entry = t->index[at] - 1;
		if (has_key(t, entry, KEY_NUMBER, key, len))
			return scan_table_at(t, entry >> 2);
	}
	return NULL;
}

struct scan_found *scan_table_add(struct scan_table *t, uint32_t number)
{
	struct scan_found *f = scan_table_find(t, number);
	if (f != NULL || !has_index_room(t))
		return f;
	f = slab_take(&t->records);
	if (f == NULL)
		return NULL;
	*f = (struct scan_found){.number = number};
	put_key(t, f, KEY_NUMBER);
	return f;
}

static bool is_other_model(const struct scan_found *a, const struct scan_found *b)
{
	return a->model[0] != '\0' && b->model[0] != '\0' && strcasecmp(a->model, b->model) != 0;
}

/* Whether two records with a common key are two devices all the same: by their serial numbers, else
 * by their hardware addresses, or if these are the same by their models: a hardware address is
 * whatever the device returns. */
static bool is_contradicted(const struct scan_found *a, const struct scan_found *b, unsigned kind)
{
	if (kind == KEY_SERIAL)
		return false;
	if (has_serial(a) && has_serial(b))
		return true;
	if (kind == KEY_MAC && is_other_model(a, b))
		return true;
	return kind == KEY_ENGINE && a->has_mac && b->has_mac &&
	       memcmp(a->mac, b->mac, sizeof a->mac) != 0;
}

/* Two engines with one engineID (cloned images) have clocks of their own. */
static bool has_same_clock(const struct scan_found *a, const struct scan_found *b)
{
	uint64_t apart = a->engine_began_ms > b->engine_began_ms
				 ? a->engine_began_ms - b->engine_began_ms
				 : b->engine_began_ms - a->engine_began_ms;
	return a->engine_boots == b->engine_boots && apart <= CLOCK_SLACK_MS;
}

static struct scan_found *first_of(const struct scan_table *t, struct scan_found *f)
{
	return f->same_as != 0 ? scan_table_at(t, f->same_as - 1) : f;
}

static struct scan_found *same_by(
	const struct scan_table *t, const struct scan_found *f, unsigned kind)
{
	uint8_t key[KEY_BYTES];
	size_t len = key_of(f, kind, key);
	if (len == 0)
		return NULL;
	for (size_t at = place_of(t, key, len); t->index[at] != 0; at = (at + 1) & t->index_mask) {
		uint32_t entry = t->index[at] - 1;
		struct scan_found *other = scan_table_at(t, entry >> 2);
		if (other == f || !has_key(t, entry, kind, key, len) ||
			is_contradicted(f, other, kind) ||
			is_contradicted(f, first_of(t, other), kind))
			continue;
		if (kind != KEY_ENGINE || has_same_clock(f, other))
			return other;
	}
	return NULL;
}

bool scan_table_join(struct scan_table *t, struct scan_found *f)
{
	struct scan_found *same = NULL;
	for (unsigned kind = KEY_SERIAL; kind < KEY_KINDS && same == NULL; kind++)
		same = same_by(t, f, kind);
	for (unsigned kind = KEY_SERIAL; kind < KEY_KINDS; kind++)
		put_key(t, f, kind);
	if (same == NULL)
		return false;
	/* Always the first of them. */
	f->same_as =
		same->same_as != 0 ? same->same_as : 1 + (uint32_t)scan_table_number_of(t, same);
	return true;
}

/* Which address stands for a device: one where it shows its serial number, so that no device hides
 * it by its hardware address; one where it can be read; then the lowest number, which is IPv4
 * before IPv6 and an address of its own before a link's; so that each run names the same. */
static unsigned rank(const struct scan_found *f)
{
	if (f->class == SCAN_PRINTER)
		return f->credential != 0 ? 0 : 1;
	return f->class == SCAN_LOCKED || f->class == SCAN_EXCLUDED ? 2 : 3;
}

static bool is_better(const struct scan_found *a, const struct scan_found *b)
{
	if (has_serial(a) != has_serial(b))
		return has_serial(a);
	return rank(a) != rank(b) ? rank(a) < rank(b) : a->number < b->number;
}

void scan_table_choose(struct scan_table *t)
{
	size_t count = scan_table_count(t);
	for (size_t i = 0; i < count; i++)
		scan_table_at(t, i)->queued = 0;
	for (size_t i = 0; i < count; i++) {
		struct scan_found *f = scan_table_at(t, i), *first = first_of(t, f);
		const struct scan_found *best =
			first->queued != 0 ? scan_table_at(t, first->queued - 1) : first;
		if (is_better(f, best))
			first->queued = 1 + (uint32_t)i;
	}
	for (size_t i = 0; i < count; i++) {
		struct scan_found *f = scan_table_at(t, i), *first = first_of(t, f);
		uint32_t best = first->queued != 0 ? first->queued
						   : 1 + (uint32_t)scan_table_number_of(t, first);
		f->same_as = best == 1 + i ? 0 : best;
	}
}
