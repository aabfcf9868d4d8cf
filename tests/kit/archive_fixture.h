/* SPDX-License-Identifier: Apache-2.0
 * Shared by the tests of the archive: an archive in its own folder, an agent, and batches of
 * records. */
#ifndef PLATEN_TESTS_KIT_ARCHIVE_FIXTURE_H
#define PLATEN_TESTS_KIT_ARCHIVE_FIXTURE_H

#include "tests/kit/archive_records.h"

extern const struct archive_rule rule;

struct fixture {
	char dir[64];
	struct archive *archive;
	struct archive_result result;
	struct buf body;
	uint8_t agent[ARCHIVE_AGENT_ID];
	uint8_t key[44];
	uint64_t epoch;
	uint64_t first, last;
	uint64_t later_ms; /* added to when a batch is received */
};

void open_archive(struct fixture *f);

void restart(struct fixture *f);

int archive_setup(void **state);

int archive_teardown(void **state);

void order(struct fixture *f, const struct order *o);

/* Puts the ordered records as one batch, without begin and commit. */
int put_open(struct fixture *f);

int put(struct fixture *f);

int put_one(struct fixture *f, uint64_t seq, uint64_t read_at_ms, const char *key, uint64_t total);

#define KEY "serial:xerox/3WX100"
#define OLD_MS (RECEIVED_MS - 60000)
#define NEW_MS (RECEIVED_MS - 30000)

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

#endif
