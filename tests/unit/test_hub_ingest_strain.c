/* SPDX-License-Identifier: Apache-2.0
 * The hub's server under strain: slow and broken clients, more bodies than there is room for,
 * responses without a reader, a full disk, and the stop. */
#include "proto/base/log.h"
#include "tests/kit/ingest_batch.h"

#include <signal.h>
#include <sys/resource.h>

static void test_slow_clients_time_out(void **state)
{
	struct fixture *f = *state;
	f->head_ms = 30;
	f->idle_ms = 30;
	serve(f);
	struct buf head, body, whole;
	buf_open(&head, 64);
	assert_int_equal(buf_put_text(&head, "POST /v1/ba"), 0);
	struct client slow_head = {.parts = &head, .count = 1};
	dial(f, &slow_head);
	buf_open(&body, 100);
	assert_int_equal(buf_put(&body, head.data, head.len), 0);
	make_request(&whole, NULL, "agent1", f->secret, NULL, &body);
	whole.len -= 3;
	struct client slow_body = {.parts = &whole, .count = 1};
	dial(f, &slow_body);
	struct client silent = {0};
	dial(f, &silent);
	run_clients(f);
	assert_int_equal(slow_head.responses, 1);
	assert_int_equal(slow_head.statuses[0], 408);
	assert_int_equal(slow_body.responses, 1);
	assert_int_equal(slow_body.statuses[0], 408);
	assert_int_equal(silent.responses, 0);
	assert_int_equal(silent.err, 0);
	struct ingest_counts n;
	ingest_counts(f->ingest, &n);
	assert_int_equal(n.held_bytes, 0);
	buf_close(&head);
	buf_close(&body);
	buf_close(&whole);
	buf_close(&slow_head.in);
	buf_close(&slow_body.in);
	buf_close(&silent.in);
}

static void test_bodies_beyond_the_budget_are_refused(void **state)
{
	struct fixture *f = *state;
	enum { FLOOD = 3 * LIMIT_HUB_BODIES };
	static struct client clients[FLOOD];
	static uint8_t garbage[INGEST_BODY_MAX];
	struct buf body, request;
	serve(f);
	memset(garbage, 0xc1, sizeof garbage);
	buf_over(&body, garbage, sizeof garbage);
	body.len = sizeof garbage;
	make_request(&request, NULL, "agent1", f->secret, NULL, &body);
	for (int i = 0; i < FLOOD; i++) {
		clients[i] = (struct client){.parts = &request, .count = 1, .wanted = 1};
		dial(f, &clients[i]);
	}
	run_clients(f);
	for (int i = 0; i < FLOOD; i++) {
		assert_int_equal(clients[i].responses, 1);
		assert_int_equal(clients[i].statuses[0], 422);
		buf_close(&clients[i].in);
	}
	struct ingest_counts n;
	ingest_counts(f->ingest, &n);
	assert_in_range(n.held_bytes_peak, INGEST_BODY_MAX, INGEST_HELD_MAX);
	assert_int_equal(n.held_bytes, 0);
	assert_int_equal(n.refused, FLOOD);
	buf_close(&request);
}

static void test_upload_survives_a_client_that_leaves(void **state)
{
	struct fixture *f = *state;
	struct buf body, request;
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 5, .total = 7});
	make_request(&request, NULL, "agent1", f->secret, NULL, &body);
	struct client c = {.parts = &request, .count = 1, .is_leaving = true};
	dial(f, &c);
	run_clients(f);
	/* It is there, and sent again it is a duplicate. */
	assert_int_equal(send_bytes(f, &request), 200);
	struct receipt r = open_receipt(f);
	assert_int_equal(r.stored, 0);
	assert_int_equal(r.duplicates, 5);
	assert_int_equal(help_counts(f->dir).records, 5);
	buf_close(&c.in);
	buf_close(&body);
	buf_close(&request);
}

static void test_request_in_small_pieces(void **state)
{
	struct fixture *f = *state;
	enum { PIECES = 40 };
	struct buf body, request, pieces[PIECES];
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 2});
	make_request(&request, NULL, "agent1", f->secret, "\r\nExpect: 100-continue", &body);
	size_t step = request.len / PIECES + 1;
	unsigned n = 0;
	for (size_t at = 0; at < request.len; at += step, n++) {
		size_t left = request.len - at;
		buf_over(&pieces[n], request.data + at, left < step ? left : step);
		pieces[n].len = pieces[n].cap;
	}
	struct client c = {.parts = pieces, .count = n, .wanted = 1, .is_pushing = true};
	dial(f, &c);
	run_clients(f);
	assert_int_equal(c.statuses[0], 200);
	buf_close(&c.in);
	buf_close(&body);
	buf_close(&request);
}

static void test_stop_waits_for_the_commit(void **state)
{
	struct fixture *f = *state;
	enum { BATCHES = 50 };
	static struct client clients[BATCHES];
	struct buf body, requests[BATCHES];
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	for (unsigned i = 0; i < BATCHES; i++) {
		buf_clear(&body);
		make_batch(f, &body, &(struct batch){.first = 1 + i, .count = 1});
		make_request(&requests[i], NULL, "agent1", f->secret, NULL, &body);
		clients[i] = (struct client){.parts = &requests[i], .count = 1, .wanted = 1};
		dial(f, &clients[i]);
	}
	/* When the first has its answer, the hub is told to stop. */
	clients[0].is_leaving = false;
	struct ingest_counts n = {0};
	bool is_ending = false;
	while (f->clients > 0) {
		assert_int_equal(loop_run(f->loop), 0);
		if (!is_ending) {
			ingest_counts(f->ingest, &n);
			end_service(f);
			is_ending = true;
		}
	}
	unsigned answered = 0;
	for (unsigned i = 0; i < BATCHES; i++) {
		if (clients[i].responses == 1)
			assert_int_equal(clients[i].statuses[0], 200);
		answered += clients[i].responses;
		buf_close(&requests[i]);
		buf_close(&clients[i].in);
	}
	assert_true(help_counts(f->dir).records >= answered);
	buf_close(&body);
}

/* Files may not grow: as a full disk. Then they may again. */
static void test_full_disk_refuses_uploads(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, full;
	serve(f);
	assert_int_equal(upload(f, &(struct batch){.first = 1, .count = 1}), 200);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	full = before;
	full.rlim_cur = 4096;
	log_set_level(LOG_ERROR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	int status = upload(f, &(struct batch){.first = 2, .count = 300});
	int again = upload(f, &(struct batch){.first = 2, .count = 300});
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(status, 503);
	assert_int_equal(again, 503);
	assert_int_equal(help_counts(f->dir).records, 1);
	assert_int_equal(upload(f, &(struct batch){.first = 2, .count = 300}), 200);
	assert_int_equal(open_receipt(f).stored, 300);
	assert_int_equal(help_counts(f->dir).records, 301);
}

int main(void)
{
	log_set_level(LOG_ERROR);
	const struct CMUnitTest tests[] = {
		TEST(test_slow_clients_time_out),
		TEST(test_bodies_beyond_the_budget_are_refused),
		TEST(test_upload_survives_a_client_that_leaves),
		TEST(test_request_in_small_pieces),
		TEST(test_full_disk_refuses_uploads),
		TEST(test_stop_waits_for_the_commit),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
