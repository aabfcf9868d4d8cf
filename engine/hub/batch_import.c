/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/batch_import.h"

#include "engine/hub/ingest_internal.h"
#include "engine/hub/merge.h"
#include "engine/hub/rotation.h"
#include "engine/loop/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct importer {
	struct batch_import *b;
	struct archive *archive;
	struct crypto_key *key, *old_key;
	struct batch_writer *writer;
	struct audit *audit;
	char who[LIMIT_AUDIT_WHO];
};

static int open_all(struct importer *m)
{
	struct batch_import *b = m->b;
	const char *dir = b->conf->state_dir;
	const struct archive_options a = {.dir = dir, .rule = &merge_rule};
	const struct audit_options o = {.dir = dir};
	int err = archive_open(&m->archive, &a, b->why, sizeof b->why);
	if (err == 0)
		err = hub_key_open(&m->key, dir, b->why, sizeof b->why);
	if (err == 0)
		err = hub_key_open_old(&m->old_key, dir, b->why, sizeof b->why);
	const struct batch_writer_options w = {.archive = m->archive,
		.key = m->key,
		.old_key = m->old_key,
		.software = b->software};
	if (err == 0)
		err = batch_writer_open(&m->writer, &w);
	if (err == 0)
		err = audit_open(&m->audit, &o);
	if (err < 0 && b->why[0] == '\0')
		(void)str_copy(b->why, sizeof b->why, err_text(err));
	return err;
}

static void close_all(struct importer *m)
{
	audit_close(m->audit);
	batch_writer_close(m->writer);
	crypto_key_close(m->old_key);
	crypto_key_close(m->key);
	if (m->archive != NULL)
		archive_close(m->archive);
}

/* ---- one file ---- */

/* Others may write to the directory: a pipe there must not hold the program. */
static int read_batch(struct buf *bytes, const char *path, char *why, size_t why_cap)
{
	int fd = file_open_regular(path, why, why_cap);
	if (fd < 0)
		return fd;
	int err = file_read(bytes, fd);
	(void)close(fd); /* only read from */
	return err;
}

static int commit(struct importer *m, struct batch_import_file *f, const struct buf *bytes,
	struct buf *receipt)
{
	int err = archive_begin(m->archive);
	if (err == 0)
		err = batch_write(
			m->writer, &f->result, receipt, bytes->data, bytes->len, "", m->b->now_ms);
	if (err == 0)
		err = archive_commit(m->archive);
	if (err < 0)
		archive_rollback(m->archive);
	return err;
}

/* An upload, and the key of a new agent; before the receipt, as by HTTPS. */
static int write_entries(struct importer *m, const struct batch_import_file *f, size_t bytes)
{
	struct audit_entry entries[AUDIT_UPLOAD_ENTRIES];
	size_t count = audit_upload(entries, m->b->now_ms, m->who, &f->result, bytes, "file");
	return audit_append(m->audit, entries, count);
}

static int write_receipt(struct importer *m, const char *path, struct buf *receipt)
{
	char to[PATH_MAX];
	if (snprintf(to, sizeof to, "%s.receipt", path) >= (int)sizeof to)
		return -ENAMETOOLONG;
	int err = batch_sign(m->writer, receipt);
	if (err == 0)
		err = file_replace(to, receipt->data, receipt->len);
	return err < 0 ? err : file_sync_dir(m->b->dir);
}

static int import_one(struct importer *m, struct batch_import_file *f)
{
	char path[PATH_MAX];
	struct buf bytes, receipt;
	if (snprintf(path, sizeof path, "%s/%s", m->b->dir, f->name) >= (int)sizeof path)
		return -ENAMETOOLONG;
	buf_open(&bytes, INGEST_BODY_MAX);
	buf_open(&receipt, LIMIT_RECEIPT);
	int err = read_batch(&bytes, path, f->why, sizeof f->why);
	if (err == 0)
		err = commit(m, f, &bytes, &receipt);
	if (err == 0)
		err = write_entries(m, f, bytes.len);
	if (err == 0 && f->result.status == 200)
		err = write_receipt(m, path, &receipt);
	if (err < 0 && f->result.status == 200)
		(void)snprintf(f->why, sizeof f->why,
			"it is stored, but its receipt is not written: %s", err_text(err));
	buf_close(&bytes);
	buf_close(&receipt);
	return err;
}

/* ---- all of them ---- */

static int is_batch(const struct dirent *entry)
{
	static const char end[] = ".batch";
	size_t n = strlen(entry->d_name);
	return n > sizeof end - 1 && strcmp(entry->d_name + n - (sizeof end - 1), end) == 0;
}

static void import_all(struct importer *m, struct dirent **names, int count)
{
	struct batch_import *b = m->b;
	for (int i = 0; i < count; i++) {
		struct batch_import_file f = {.name = names[i]->d_name};
		f.err = import_one(m, &f);
		b->files++;
		b->failed += f.err < 0 || f.result.status != 200;
		b->each(b->owner, &f);
	}
}

int batch_import(struct batch_import *b)
{
	struct importer m = {.b = b};
	struct dirent **names;
	b->files = b->failed = 0;
	b->why[0] = '\0';
	int count = scandir(b->dir, &names, is_batch, alphasort);
	if (count < 0) {
		int err = -errno;
		(void)snprintf(b->why, sizeof b->why, "%s: %s", b->dir, err_text(err));
		return err;
	}
	(void)audit_os_user(m.who);
	int err = open_all(&m);
	if (err == 0)
		import_all(&m, names, count);
	close_all(&m);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return err;
}
