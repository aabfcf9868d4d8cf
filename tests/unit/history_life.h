/* SPDX-License-Identifier: Apache-2.0
 * Readings made by hand, one after the other, for the tests of proto/history/history. */
#ifndef PLATEN_TESTS_UNIT_HISTORY_LIFE_H
#define PLATEN_TESTS_UNIT_HISTORY_LIFE_H

#include "proto/history/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define START UINT64_C(1790000000000)

static struct slab life_blocks;
static struct history_events life_events;

static inline int life_open(void **state)
{
	(void)state;
	return slab_open(&life_blocks, LIMIT_ARENA_BLOCK, 64);
}

static inline int life_close(void **state)
{
	(void)state;
	slab_close(&life_blocks);
	return 0;
}

static inline void add_meter(struct reading *r, enum meter_name name, uint64_t value)
{
	struct meter *m = reading_add_meter(r);
	assert_non_null(m);
	m->name = (uint8_t)name;
	m->value = value;
	m->unit = 7;
}

/* A reading's supplies with a total of pages (0: none), low at the preset. */
static inline void add_supplies(
	struct history_state *s, const struct reading *now, uint64_t now_ms, uint64_t pages)
{
	const struct history_context c = {.pages = pages};
	history_supplies(s, now, now_ms, &c, &life_events);
}

static inline struct supply *add_level(
	struct reading *r, uint32_t index, int level, int max, const char *serial)
{
	struct supply *s = reading_add_supply(r);
	assert_non_null(s);
	s->device = 1;
	s->index = index;
	s->type = 3;
	s->supply_class = 3;
	s->has_level = s->has_max = true;
	s->level = level;
	s->max = max;
	s->description = text_of("Toner");
	s->serial = text_of(serial);
	supply_set_level_kind(s);
	return s;
}

static inline struct alert *add_alert(struct reading *r, uint32_t index, int group, int code)
{
	struct alert *a = reading_add_alert(r);
	assert_non_null(a);
	a->device = 1;
	a->index = index;
	a->group = group;
	a->code = code;
	a->severity = 3;
	return a;
}

static inline unsigned events_of(enum history_kind kind)
{
	unsigned n = 0;
	for (unsigned i = 0; i < life_events.count; i++)
		n += life_events.event[i].kind == kind;
	return n;
}

static inline void forget_events(void)
{
	life_events.count = 0;
}

/* The device of these readings. */
static struct history_state state;

static inline void begin_life(void)
{
	memset(&state, 0, sizeof state);
	forget_events();
}

static inline void read_level(uint64_t at_ms, int level, const char *serial)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	(void)add_level(&now, 1, level, 100, serial);
	add_supplies(&state, &now, at_ms, 0);
	unsigned count = life_events.count;
	add_supplies(&state, &now, at_ms, 0);
	assert_int_equal(life_events.count, count);
	reading_close(&now);
}

static inline void read_word(uint64_t at_ms, uint8_t kind)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	add_level(&now, 1, -2, -2, "")->level_kind = kind;
	add_supplies(&state, &now, at_ms, 0);
	reading_close(&now);
}

/* xorshift64*: the same on every machine. */
static inline uint64_t chance(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

static inline uint64_t below(uint64_t *seed, uint64_t n)
{
	return chance(seed) % n;
}

#endif
