/* SPDX-License-Identifier: Apache-2.0
 * Shared by db_open.c and db_stmt.c. Not for other files. */
#ifndef PLATEN_STORE_DB_INTERNAL_H
#define PLATEN_STORE_DB_INTERNAL_H

#include "engine/store/db.h"

#include <sqlite3.h>

struct db {
	sqlite3 *raw; /* NULL after a db_reopen that failed */
	struct list stmts;
	char *path;
	const struct db_schema *schema;
	unsigned cache_kib;
	bool is_reader;
	struct db_lock lock;
	char why[LIMIT_WHY];
};

/* An error of ours for a result code of the connection; keeps SQLite's words for db_why. */
int db_error(struct db *db, int rc);

#endif
