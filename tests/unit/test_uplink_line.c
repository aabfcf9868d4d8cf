/* SPDX-License-Identifier: Apache-2.0
 * A line that is cut at each byte of a sync, in both directions: everything arrives, and the hub
 * counts once what it got twice. */
#include "tests/counts.h"
#include "tests/kit/bad_line.h"
#include "tests/kit/uplink_hub.h"

static struct stage s;
static struct line line;

static void no_more(struct stage *stage)
{
	(void)stage;
	line_no_more(&line);
}

/* A sync through the line; the bytes of its first connection in both directions. */
static void sync_through(uint64_t cut_up, uint64_t cut_down)
{
	stage_open(&s, "server.pem", "server.key");
	line = (struct line){.cut_up = cut_up, .cut_down = cut_down};
	line_open(&line, s.w.loop, listener_port(s.w.listener));
	s.records = 2;
	s.options.hub.port = listener_port(line.listener);
	s.on_closed = no_more;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.left, 0);
	for (unsigned seq = 1; seq <= s.records; seq++)
		assert_in_range(s.stored[seq], 1, 2);
	/* The same bytes each time: the hub knows them by their number. */
	for (unsigned i = 1; i < s.batches; i++)
		assert_memory_equal(s.envelope_digest[0], s.envelope_digest[i], 32);
}

static void close_line(void)
{
	line_close(&line);
	stage_close(&s);
}

static void test_cut_at_each_byte(void **state)
{
	(void)state;
	uint64_t cuts = test_count("LINE_CUTS");
	sync_through(0, 0);
	assert_int_equal(s.summary.retries, 0);
	uint64_t up = line.ways[0].up, down = line.ways[0].down;
	close_line();
	assert_true(up > 1000 && down > 1000);
	for (int is_up = 0; is_up < 2; is_up++) {
		uint64_t all = is_up ? up : down, step = all / cuts + 1;
		unsigned retries = 0;
		for (uint64_t at = 1; at <= all; at += step) {
			sync_through(is_up ? at : 0, is_up ? 0 : at);
			retries += s.summary.retries > 0;
			close_line();
		}
		/* Behind the response there is nothing to lose. */
		assert_true(retries > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_each_byte),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
