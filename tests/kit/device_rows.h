/* SPDX-License-Identifier: Apache-2.0
 * Shared by the tests of the device store: opens it in the fixture's directory, makes rows that
 * follow from a number, and compares the rows that the store returns with them. */
#ifndef PLATEN_TESTS_KIT_DEVICE_ROWS_H
#define PLATEN_TESTS_KIT_DEVICE_ROWS_H

#include "engine/store/db.h"
#include "engine/store/device_store.h"
#include "tests/kit/spool_fixture.h"

struct item {
	struct device_store_put put;
	struct device_row row;
	unsigned parts;
	unsigned fills; /* times that the store asked for the row */
};

struct device_rows {
	size_t rows, wrong, broken;
	struct device_row first;
};

/* Of the last open_device_store. */
extern struct device_store *store;
extern int store_opened; /* what device_store_open returned */
extern char store_why[LIMIT_WHY];

void open_device_store(struct fixture *f);

void close_device_store(struct fixture *f);

/* A device of which everything is known; n tells it from others. */
struct item make_item(unsigned n);

/* For device_store_each, with a struct device_rows as owner: each row is what make_item made, or
 * lacks whole parts of it. */
int check_device_row(void *owner, const struct device_row *row);

/* All rows of the store. */
struct device_rows read_device_rows(void);

#endif
