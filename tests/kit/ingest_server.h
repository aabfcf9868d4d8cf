/* SPDX-License-Identifier: Apache-2.0
 * Shared by the tests of the server of the hub: the server on a real loop with an account, and
 * clients that send given bytes. ingest_batch.h makes the bytes. */
#ifndef PLATEN_TESTS_KIT_INGEST_SERVER_H
#define PLATEN_TESTS_KIT_INGEST_SERVER_H

#include "engine/hub/credential.h"
#include "engine/hub/ingest.h"
#include "engine/hub/ingest_internal.h"
#include "engine/hub/merge.h"
#include "engine/loop/listen.h"
#include "tests/kit/archive_records.h"

enum { CLIENTS = 400 };

struct fixture {
	char dir[64];
	struct archive *archive;
	struct archive_view *view;
	struct loop *loop;
	struct workers *workers;
	struct accounts *accounts;
	struct ingest *ingest;
	struct listener *listener;
	struct crypto_key *key;
	struct crypto_key *agent_key;
	char secret[CREDENTIAL_SECRET];
	uint64_t head_ms, idle_ms;
	unsigned clients; /* open */
	bool is_closed;
	uint8_t signed_bytes[BATCH_SIGNED_BYTES]; /* of the last batch made */
	/* The last response, parsed. */
	int status;
	struct http1_head head;
	struct buf body;
};

/* ---- the server's side ---- */

void serve(struct fixture *f);

void end_service(struct fixture *f);

void add_user(struct fixture *f, const char *name, enum archive_role role, const char *secret);

struct crypto_key *open_key(const struct fixture *f, const char *name);

int ingest_setup(void **state);

int ingest_teardown(void **state);

/* ---- a client: sends parts, one after the other, and reads until the server closes ---- */

struct client {
	struct fixture *f;
	struct conn *conn;
	const struct buf *parts;
	unsigned count, sent;
	unsigned wanted; /* responses, after which it closes; 0: the server closes */
	unsigned responses;
	bool is_leaving; /* closes as soon as all is sent */
	bool is_pushing; /* sends part after part, without waiting for responses */
	bool is_open, is_over;
	int err;
	struct buf in;
	int statuses[4];
};

void dial(struct fixture *f, struct client *c);

void run_clients(struct fixture *f);

#define TEST(name) cmocka_unit_test_setup_teardown(name, ingest_setup, ingest_teardown)

#endif
