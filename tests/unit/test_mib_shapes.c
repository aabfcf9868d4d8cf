/* SPDX-License-Identifier: Apache-2.0
 * Polls of random printers (mib_shape.h). For each of them:
 *
 *   values       Every row of the printer that fits is in the reading once, in the order of its
 *                index, with exactly its values; the reading has no other row.
 *   level        A percentage only if level and maximum are known and the level is not above it.
 *   status       A group is complete if and only if all of it was returned and kept. An incomplete
 *                group has no value that the printer does not have.
 *   isolation    A column that never ends, repeats, jumps or fails affects its own group only.
 *   one row      A row that is removed or corrupted changes no other row.
 *   order        Number of varbinds, PDU type, version, tooBig, truncated or reordered responses,
 *                and limits learned earlier do not change the reading.
 *   incremental  An incremental poll marks options, media and maintenance as not requested, and
 *                reads the rest alike.
 *   end          A poll ends within four requests per object of the printer, and within
 *                LIMIT_POLL_VARBINDS whatever the responses are. */
#include "tests/kit/mib_shape_agent.h"
#include "tests/kit/mib_shape_digest.h"
#include "tests/kit/mib_shape_vendor.h"
#include "tests/kit/mib_shape_check.h"

#include "proto/base/slab.h"
#include "proto/text/charset.h"
#include "tests/counts.h"

static struct agent agent;
static struct slab blocks;
static struct models models;

/* ---- status ----------------------------------------------------------------------------- */

static void check_failed_is_empty(const struct reading *r)
{
	CHECK(r->group[GROUP_SUPPLIES].status != GROUP_FAILED || r->supplies == NULL);
	CHECK(r->group[GROUP_ALERTS].status != GROUP_FAILED || r->alerts == NULL);
	CHECK(r->group[GROUP_METERS].status != GROUP_FAILED || r->meters == NULL);
	CHECK(r->group[GROUP_MEDIA].status != GROUP_FAILED || r->subunits == NULL);
	CHECK(r->group[GROUP_OPTIONS].status != GROUP_FAILED || r->options == NULL);
}

static void check_status(const struct reading *r)
{
	unsigned wrong = GROUP_COUNT;
	if (shape.fault != FAULT_NONE && shape.fault != FAULT_TIMEOUT)
		wrong = shape_defs[shape.fault_table].group;
	for (unsigned g = 0; g < GROUP_COUNT && shape.fault != FAULT_TIMEOUT; g++) {
		bool hangs_on_it = g == GROUP_MAINTENANCE && wrong == GROUP_SUPPLIES;
		CHECK(is_complete(r, (enum reading_group)g) == (g != wrong && !hangs_on_it));
	}
	check_failed_is_empty(r);
}

/* ---- polls ----------------------------------------------------------------------------- */

static void poll(struct reading *r, struct mib_limits *memory, bool is_incremental)
{
	bool is_honest = shape.fault == FAULT_NONE;
	agent_open(&agent, &shape);
	CHECK(agent.count < AGENT_OBJECTS - 16);
	reading_open(r, &blocks);
	CHECK(agent_poll(&agent, memory, r, shape.is_known ? &models : NULL, is_incremental,
		is_honest ? 4 * agent.count + 400 : 12000));
	CHECK(agent.varbinds <= LIMIT_POLL_VARBINDS + LIMIT_VARBINDS ||
		shape.behaviour.too_big != 0 || shape.behaviour.most != 0);
}

static struct mib_limits new_memory(void)
{
	return (struct mib_limits){.max_varbinds = shape.behaviour.first_varbinds,
		.varbinds_limit = shape.behaviour.varbinds_limit};
}

static void read_into(struct digests *d, struct mib_limits *memory)
{
	struct reading r;
	poll(&r, memory, false);
	check_truth(&r);
	check_vendor(&r);
	check_status(&r);
	digest_reading(d, &r);
	reading_close(&r);
	CHECK(blocks.used == 0);
}

static void check_equal(const struct digest *a, const struct digest *b)
{
	bool is_same = a->kind == b->kind && a->device == b->device && a->index == b->index &&
		       a->sum == b->sum;
	if (!is_same)
		print_message("row %u/%u of %u.%u, then %u/%u of %u.%u\n", a->kind & 15u,
			a->kind >> 4, a->device, a->index, b->kind & 15u, b->kind >> 4, b->device,
			b->index);
	CHECK(is_same);
}

static void check_same(const struct digests *a, const struct digests *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		check_equal(&a->row[i], &b->row[i]);
	CHECK(a->count == b->count);
}

/* Another poll: with the learned limits, or with an agent of other behaviour. */
static void check_any_order(const struct digests *first, struct mib_limits *memory)
{
	static struct digests again;
	struct shape_behaviour before = shape.behaviour;
	if (shape_one_in(&shape, 3)) {
		read_into(&again, memory);
	} else {
		shape_draw_behaviour(&shape);
		struct mib_limits fresh = new_memory();
		read_into(&again, &fresh);
	}
	check_same(first, &again);
	shape.behaviour = before;
}

/* An incremental poll leaves out options, media and maintenance, marks them, and reads the same
 * rows of the rest. */
static void check_incremental(const struct digests *whole)
{
	static struct digests brief;
	struct mib_limits fresh = new_memory();
	struct reading r;
	unsigned k = 1;
	poll(&r, &fresh, true);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		bool is_slow = g == GROUP_OPTIONS || g == GROUP_MEDIA || g == GROUP_MAINTENANCE;
		CHECK(r.group[g].status == (is_slow ? GROUP_NOT_REQUESTED : GROUP_COMPLETE));
	}
	CHECK(r.options == NULL && r.subunits == NULL && r.maintenance == NULL);
	digest_reading(&brief, &r);
	for (unsigned i = 1; i < whole->count; i++) {
		unsigned kind = whole->row[i].kind;
		if (kind != DIGEST_METER && kind != DIGEST_SUPPLY && kind != DIGEST_ALERT)
			continue;
		CHECK(k < brief.count);
		check_equal(&whole->row[i], &brief.row[k++]);
	}
	CHECK(k == brief.count);
	reading_close(&r);
}

static bool is_of(const struct digest *d, unsigned kind, const struct shape_row *row)
{
	bool is_part = kind == DIGEST_SUPPLY && d->kind == DIGEST_PART;
	return (d->kind == kind || is_part) && d->device == device_of(row) &&
	       d->index == index_of(row);
}

static void check_others_same(const struct digests *a, const struct digests *b, unsigned kind,
	const struct shape_row *row)
{
	unsigned k = 0;
	for (unsigned i = 1; i < a->count; i++) {
		if (is_of(&a->row[i], kind, row))
			continue;
		while (k < b->count && (k == 0 || is_of(&b->row[k], kind, row)))
			k++;
		CHECK(k < b->count);
		check_equal(&a->row[i], &b->row[k++]);
	}
	while (k < b->count && (k == 0 || is_of(&b->row[k], kind, row)))
		k++;
	CHECK(k == b->count);
}

static void check_one_row(const struct digests *first)
{
	static struct digests spoiled;
	static const struct {
		uint8_t table, kind;
	} kinds[] = {{SHAPE_SUPPLIES, DIGEST_SUPPLY}, {SHAPE_ALERT, DIGEST_ALERT},
		{SHAPE_MARKER, DIGEST_METER}, {SHAPE_INPUT, DIGEST_SUBUNIT + 16 * SUBUNIT_TRAY},
		{SHAPE_OUTPUT, DIGEST_SUBUNIT + 16 * SUBUNIT_BIN},
		{SHAPE_COVER, DIGEST_SUBUNIT + 16 * SUBUNIT_COVER},
		{SHAPE_PATH, DIGEST_SUBUNIT + 16 * SUBUNIT_PATH},
		{SHAPE_INTERPRETER, DIGEST_OPTION + 16 * OPTION_INTERPRETER},
		{SHAPE_CHANNEL, DIGEST_OPTION + 16 * OPTION_CHANNEL}};
	unsigned n = sizeof kinds / sizeof kinds[0], k = shape_below(&shape, n);
	for (unsigned i = 0; i < n && shape.rows[kinds[k].table] == 0; i++)
		k = (k + 1) % n;
	unsigned t = kinds[k].table;
	if (shape.rows[t] == 0)
		return;
	struct shape_row *row = &shape.row[t][shape_below(&shape, shape.rows[t])];
	bool is_removed = shape_one_in(&shape, 2);
	for (unsigned c = 0; c < shape_defs[t].columns; c++) {
		if (is_removed)
			row->cell[c].is_there = false;
		else
			shape_put_odd(&shape, &row->cell[c]);
	}
	struct mib_limits fresh = new_memory();
	read_into(&spoiled, &fresh);
	check_others_same(first, &spoiled, kinds[k].kind, row);
}

/* ---- the tests -------------------------------------------------------------------------- */

static int open_tables(void **state)
{
	char why[LIMIT_WHY];
	(void)state;
	if (charset_open() != 0 ||
		slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) < 0 ||
		models_open(&models) < 0)
		return -1;
	if (models_add(&models, "shapes.yaml", (const uint8_t *)shape_model, strlen(shape_model),
		    why) < 0) {
		print_message("%s\n", why);
		return -1;
	}
	return models_finish(&models, why);
}

static int close_tables(void **state)
{
	(void)state;
	models_close(&models);
	slab_close(&blocks);
	return 0;
}

/* Three of four printers have conforming agents. */
static void test_random_printers_read_right(void **state)
{
	(void)state;
	static struct digests first;
	unsigned long count = test_count("MIB_SHAPES");
	for (number = 1; number <= count; number++) {
		shape_draw(&shape, number);
		if (number % 4 == 0)
			shape_draw_fault(&shape);
		struct mib_limits memory = new_memory();
		read_into(&first, &memory);
		if (shape.fault != FAULT_NONE)
			continue;
		if (number % 2 != 0)
			check_one_row(&first);
		else if (number % 16 == 2)
			check_incremental(&first);
		else
			check_any_order(&first, &memory);
	}
}

/* The generator covers every fault, every behaviour, and the largest tables. */
static void test_generator_draws_every_shape(void **state)
{
	(void)state;
	unsigned faults[FAULT_COUNT] = {0}, flat = 0, empty = 0, rich = 0, odd = 0, zero = 0;
	for (number = 1; number <= 4000; number++) {
		shape_draw(&shape, number);
		shape_draw_fault(&shape);
		unsigned n = shape.rows[SHAPE_SUPPLIES];
		faults[shape.fault]++;
		empty += n == 0;
		rich += n == 22;
		flat += n > 0 && shape.row[SHAPE_SUPPLIES][0].subs == 1;
		zero += n > 0 && device_of(&shape.row[SHAPE_SUPPLIES][0]) == 0;
		odd += n > 0 && !is_int32(&shape.row[SHAPE_SUPPLIES][0].cell[6]);
	}
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		assert_true(faults[f] > 10);
	assert_true(flat > 10 && empty > 10 && rich > 10 && odd > 10 && zero > flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generator_draws_every_shape),
		cmocka_unit_test(test_random_printers_read_right),
	};
	return cmocka_run_group_tests(tests, open_tables, close_tables);
}
