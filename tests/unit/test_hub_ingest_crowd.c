/* SPDX-License-Identifier: Apache-2.0
 * The hub's server under load of unknown clients: idle connections, and those that would fill
 * the log. */
#include "proto/base/log.h"
#include "engine/store/archive_schema.h"
#include "tests/kit/ingest_batch.h"
#include "tests/kit/log_capture.h"

#include <sys/mman.h>

static void test_idle_connections_yield_to_new_ones(void **state)
{
	struct fixture *f = *state;
	static struct client idle[CLIENTS], asking;
	static struct fixture hidden; /* the idle ones end in ingest_teardown */
	struct buf request;
	serve(f);
	hidden = *f;
	hidden.clients = 1000000; /* their ends do not end the waiting below */
	for (int i = 0; i < CLIENTS; i++)
		dial(&hidden, &idle[i]);
	make_request(&request, "GET /livez HTTP/1.1", NULL, NULL, NULL, NULL);
	asking = (struct client){.parts = &request, .count = 1, .wanted = 1};
	dial(f, &asking);
	run_clients(f);
	assert_int_equal(asking.responses, 1);
	assert_int_equal(asking.statuses[0], 200);
	int gone = 0;
	for (int i = 0; i < CLIENTS; i++) {
		gone += idle[i].is_over;
		assert_int_equal(idle[i].err, 0); /* with a goodbye */
	}
	assert_in_range(gone, 1, 2 * (CLIENTS / LIMIT_SHED_PART + 1));
	assert_true(idle[0].is_over); /* the longest idle first */
	assert_false(idle[CLIENTS - 1].is_over);
	buf_close(&request);
	buf_close(&asking.in);
}

static unsigned lines_with(int fd, const char *text)
{
	static char log[1 << 20];
	ssize_t n = pread(fd, log, sizeof log - 1, 0);
	assert_true(n >= 0);
	log[n] = '\0';
	unsigned count = 0;
	for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

static void test_refusals_are_rate_limited_in_the_log(void **state)
{
	struct fixture *f = *state;
	enum { FLOOD = 10 * LIMIT_LOG_RATE };
	static struct client clients[FLOOD];
	struct buf garbage;
	int fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(fd >= 0);
	log_capture(fd);
	serve(f);
	buf_open(&garbage, 64);
	assert_int_equal(buf_put_text(&garbage, "BREW / HTCPCP/1.0\r\n\r\n"), 0);
	uint64_t began_ms = loop_now_ms(f->loop);
	for (int i = 0; i < FLOOD; i++) {
		clients[i] = (struct client){.parts = &garbage, .count = 1};
		dial(f, &clients[i]);
	}
	run_clients(f);
	struct ingest_counts n;
	ingest_counts(f->ingest, &n);
	assert_int_equal(n.refused, FLOOD);
	uint64_t seconds = (loop_now_ms(f->loop) - began_ms) / 1000 + 1;
	assert_in_range(lines_with(fd, "err=refused"), 1, LIMIT_LOG_RATE * seconds);
	for (int i = 0; i < FLOOD; i++)
		buf_close(&clients[i].in);
	buf_close(&garbage);
	log_restore();
	assert_int_equal(close(fd), 0);
}

/* A batch that the store cannot take, in one transaction with others. */
static void test_bad_batch_does_not_delay_others(void **state)
{
	struct fixture *f = *state;
	enum { BATCHES = 24, BAD = 17 };
	static struct client clients[BATCHES];
	static struct buf requests[BATCHES];
	struct buf body;
	assert_int_equal(db_exec(f->archive->db,
				 "CREATE TRIGGER bad BEFORE INSERT ON records WHEN NEW.seq = 17"
				 " BEGIN SELECT RAISE(FAIL, 'a damaged page'); END"),
		0);
	serve(f);
	log_set_level(LOG_ERROR);
	int fd = memfd_create("log", MFD_CLOEXEC);
	log_capture(fd);
	buf_open(&body, LIMIT_BATCH_SENT);
	for (unsigned i = 0; i < BATCHES; i++) {
		buf_clear(&body);
		make_batch(f, &body, &(struct batch){.first = 1 + i, .count = 1});
		make_request(&requests[i], NULL, "agent1", f->secret, NULL, &body);
		clients[i] = (struct client){.parts = &requests[i], .count = 1, .wanted = 1};
		dial(f, &clients[i]);
	}
	run_clients(f);
	for (unsigned i = 0; i < BATCHES; i++) {
		assert_int_equal(clients[i].responses, 1);
		assert_int_equal(clients[i].statuses[0], 1 + i == BAD ? 503 : 200);
		buf_close(&requests[i]);
		buf_close(&clients[i].in);
	}
	buf_close(&body);
	assert_int_equal(help_counts(f->dir).records, BATCHES - 1);
	assert_in_range(lines_with(fd, "each batch was tried alone"), 0, 1);
	assert_true(lines_with(fd, "a damaged page") >= 1);
	log_set_level(LOG_INFO);
	log_restore();
	assert_int_equal(close(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_idle_connections_yield_to_new_ones, ingest_setup, ingest_teardown),
		cmocka_unit_test_setup_teardown(
			test_bad_batch_does_not_delay_others, ingest_setup, ingest_teardown),
		cmocka_unit_test_setup_teardown(
			test_refusals_are_rate_limited_in_the_log, ingest_setup, ingest_teardown),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
