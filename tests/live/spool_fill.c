/* SPDX-License-Identifier: Apache-2.0
 * Puts COUNT records into the spool of a state_dir, each of a device of its own, and prints how
 * many were kept: spool_fill DIR COUNT. For the tests with more pending records than printers can
 * bring in their time. */
#include "engine/loop/loop.h"
#include "engine/loop/workers.h"
#include "engine/store/spool.h"
#include "proto/base/limits.h"

#include <inttypes.h>
#include <msgpack.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IN_FLIGHT = 256 };

static struct loop *loop;
static struct spool *spool;
static struct spool_put flights[IN_FLIGHT];
static uint64_t left, kept;
static unsigned in_flight;
static uint64_t now_ms;

static void pack_text(msgpack_packer *p, const char *text)
{
	msgpack_pack_str_with_body(p, text, strlen(text));
}

/* A full record with identity and one meter (proto/wire/SCHEMA.md). */
static void pack_record(msgpack_packer *p, uint64_t seq)
{
	char key[64], serial[32];
	(void)snprintf(serial, sizeof serial, "F%" PRIu64, seq);
	(void)snprintf(key, sizeof key, "serial:xerox/%s", serial);
	msgpack_pack_map(p, 7);
	msgpack_pack_int(p, 1);
	msgpack_pack_uint64(p, seq);
	msgpack_pack_int(p, 2);
	msgpack_pack_uint64(p, now_ms);
	msgpack_pack_int(p, 4);
	msgpack_pack_true(p);
	msgpack_pack_int(p, 5);
	pack_text(p, "127.0.0.1:161");
	msgpack_pack_int(p, 6);
	pack_text(p, key);
	msgpack_pack_int(p, 10); /* identity: complete, a printer, vendor, serial */
	msgpack_pack_map(p, 4);
	msgpack_pack_int(p, 1);
	msgpack_pack_int(p, 1);
	msgpack_pack_int(p, 10);
	msgpack_pack_true(p);
	msgpack_pack_int(p, 11);
	pack_text(p, "Xerox");
	msgpack_pack_int(p, 13);
	pack_text(p, serial);
	msgpack_pack_int(p, 11); /* meters: complete, one row */
	msgpack_pack_map(p, 2);
	msgpack_pack_int(p, 1);
	msgpack_pack_int(p, 1);
	msgpack_pack_int(p, 10);
	msgpack_pack_array(p, 1);
	msgpack_pack_map(p, 2);
	msgpack_pack_int(p, 2);
	msgpack_pack_uint64(p, seq);
	msgpack_pack_int(p, 3);
	msgpack_pack_int(p, 7);
}

static void put_one(struct spool_put *put);

static void on_kept(struct spool_put *put, int err)
{
	in_flight--;
	kept += err == 0;
	if (err < 0)
		left = 0;
	put_one(put);
	if (left == 0 && in_flight == 0)
		loop_stop(loop);
}

static void put_one(struct spool_put *put)
{
	if (left == 0)
		return;
	left--;
	msgpack_sbuffer bytes;
	msgpack_packer packer;
	msgpack_sbuffer_init(&bytes);
	msgpack_packer_init(&packer, &bytes, msgpack_sbuffer_write);
	pack_record(&packer, spool_next_seq(spool));
	put->on_kept = on_kept;
	in_flight++;
	if (spool_put(spool, put, (const uint8_t *)bytes.data, bytes.size) < 0) {
		in_flight--;
		left = 0;
	}
	msgpack_sbuffer_destroy(&bytes);
}

static void on_closed(void *owner)
{
	(void)owner;
}

static bool is_awake = true;

static int wait_a_little(struct worker_job *job)
{
	(void)job;
	while (__atomic_load_n(&is_awake, __ATOMIC_SEQ_CST)) {
		struct timespec ms = {.tv_nsec = 1000000};
		(void)nanosleep(&ms, NULL);
	}
	return 0;
}

static void on_awake_done(struct worker_job *job, int result)
{
	(void)job;
	(void)result;
}

int main(int argc, char **argv)
{
	static struct worker_job awake = {.work = wait_a_little, .on_done = on_awake_done};
	struct workers *workers;
	char why[LIMIT_WHY] = "";
	if (argc != 3)
		return 2;
	struct spool_options o = {.dir = argv[1], .max_bytes = LIMIT_SPOOL_BYTES, .linger_ms = 1};
	left = strtoull(argv[2], NULL, 10);
	now_ms = (uint64_t)time(NULL) * 1000;
	if (loop_open(&loop, 4) < 0 || workers_open(&workers, loop) < 0 ||
		spool_open(&spool, loop, workers, &o, why, sizeof why) < 0) {
		(void)fprintf(stderr, "spool_fill: %s\n", why);
		return 1;
	}
	worker_submit(
		workers, WORKER_HASH, &awake); /* a deadline alone does not keep the loop running */
	for (int i = 0; i < IN_FLIGHT; i++)
		put_one(&flights[i]);
	if (loop_run(loop) < 0)
		return 1;
	__atomic_store_n(&is_awake, false, __ATOMIC_SEQ_CST);
	spool_close(spool, on_closed, NULL);
	workers_close(workers);
	if (loop_run(loop) < 0 || loop_close(loop) < 0)
		return 1;
	(void)printf("%" PRIu64 "\n", kept);
	return fflush(stdout) == 0 ? 0 : 1;
}
