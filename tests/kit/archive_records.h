/* SPDX-License-Identifier: Apache-2.0
 * Shared by the tests of the store of the hub: records for a batch, and the view of the stored
 * ones. */
#ifndef PLATEN_TESTS_KIT_ARCHIVE_RECORDS_H
#define PLATEN_TESTS_KIT_ARCHIVE_RECORDS_H

#include "engine/store/archive.h"
#include "engine/store/archive_view.h"
#include "proto/wire/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RECEIVED_MS UINT64_C(1795000000000)

/* A record to be made: one device, one meter, one supply's level. */
struct order {
	uint64_t seq;
	uint64_t read_at_ms;
	const char *key;
	const char *address;
	uint64_t total; /* the meter */
	unsigned mask;  /* groups; 0: all */
	uint8_t status; /* of each group; 0: complete */
	uint32_t age_ms;
	bool is_delta;
	uint32_t policy_id;
};

extern struct slab help_blocks;

int help_open_blocks(void **state);

int help_close_blocks(void **state);

struct text help_text(struct reading *r, const char *s);

/* Appends the ordered record to dst. */
void help_pack(struct buf *dst, const struct order *o);

/* The total impressions that a device shows now; UINT64_MAX: no such device or meter. */
struct shown {
	uint64_t total;
	unsigned mask;
	unsigned damaged;
	uint64_t read_at_ms;
	uint64_t meters_read_at_ms;
	char key[LIMIT_TEXT_LONG];
	char serial[LIMIT_TEXT];
	char address[LIMIT_TEXT];
	uint8_t agent_id[ARCHIVE_AGENT_ID];
	uint8_t status;
	int devices;
};

int help_on_device(void *owner, const struct archive_device *d);

struct shown help_show(const char *dir, const char *id);

struct archive_counts help_counts(const char *dir);

void help_forget(const char *dir);

#endif
