/* SPDX-License-Identifier: Apache-2.0
 * One reading and one response for each test of proto/ipp/ipp_reading. */
#ifndef PLATEN_TESTS_UNIT_IPP_FIXTURE_H
#define PLATEN_TESTS_UNIT_IPP_FIXTURE_H

#include "proto/ipp/ipp_reading.h"

#include "proto/ipp/ipp_internal.h"
#include "tests/kit/ipp_message.h"

#include <stdio.h>
#include <stdlib.h>

static struct slab blocks;
static struct ipp_message m;
static struct reading r;
static char why[LIMIT_WHY];

static inline int open_blocks(void **state)
{
	(void)state;
	return slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
}

static inline int close_blocks(void **state)
{
	(void)state;
	assert_int_equal(blocks.used, 0);
	slab_close(&blocks);
	return 0;
}

static inline int open_reading(void **state)
{
	(void)state;
	reading_open(&r, &blocks);
	message_response(&m, 0);
	return 0;
}

static inline int close_reading(void **state)
{
	(void)state;
	reading_close(&r);
	return 0;
}

/* Ends the response and decodes it from a buffer of exactly its size, so that reading one byte too
 * far is detected. */
static inline int decode_message(void)
{
	message_end(&m);
	uint8_t *exact = malloc(m.n);
	assert_non_null(exact);
	memcpy(exact, m.bytes, m.n);
	int err = ipp_decode(&r, models_builtin(), exact, m.n, why, sizeof why);
	free(exact);
	assert_true((err == 0) == (why[0] == '\0'));
	return err;
}

/* Starts the same response again. */
static inline void again(void)
{
	reading_close(&r);
	reading_open(&r, &blocks);
	message_response(&m, 0);
}

static inline void assert_text(struct text t, const char *wanted)
{
	char is[LIMIT_TEXT_LONG + 1];
	(void)snprintf(is, sizeof is, "%.*s", TEXT_ARG(t));
	assert_string_equal(is, wanted);
}

static inline void assert_statuses(int identity, int meters, int supplies, int alerts, int state)
{
	assert_int_equal(r.group[GROUP_IDENTITY].status, identity);
	assert_int_equal(r.group[GROUP_METERS].status, meters);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, supplies);
	assert_int_equal(r.group[GROUP_ALERTS].status, alerts);
	assert_int_equal(r.group[GROUP_STATE].status, state);
}

static inline const struct supply *supply_at(unsigned n)
{
	const struct supply *s = r.supplies;
	while (n-- > 0 && s != NULL)
		s = s->next;
	assert_non_null(s);
	return s;
}

static inline const struct alert *alert_at(unsigned n)
{
	const struct alert *a = r.alerts;
	while (n-- > 0 && a != NULL)
		a = a->next;
	assert_non_null(a);
	return a;
}

#define WITH_READING(f) cmocka_unit_test_setup_teardown(f, open_reading, close_reading)

#endif
