/* SPDX-License-Identifier: Apache-2.0
 * Batches that come as files (platen export): the same checks, the same archive and the same
 * receipts as by HTTPS, under the store's lock. A batch that is refused stays and is reported. */
#ifndef PLATEN_HUB_BATCH_IMPORT_H
#define PLATEN_HUB_BATCH_IMPORT_H

#include "engine/conf/conf.h"
#include "engine/hub/ingest_batch.h"

struct batch_import_file {
	const char *name;
	struct batch_result
		result; /* status 200: it is in the archive, and its receipt is written */
	int err;        /* the file or its receipt; 0: see result */
	char why[LIMIT_WHY];
};
typedef void batch_import_each(void *owner, const struct batch_import_file *file);

struct batch_import {
	const struct hub_conf *conf;
	const char *dir;
	const char *software;
	uint64_t now_ms;
	batch_import_each *each;
	void *owner;
	/* out */
	size_t files, failed;
	char why[LIMIT_WHY];
};

/* Every NAME.batch in the order of their names; the receipt is NAME.batch.receipt. 0, also if some
 * are refused, or an error with its reason in b->why: ERR_STORE_LOCKED while the hub runs. */
int batch_import(struct batch_import *b) MUST_USE;

#endif
