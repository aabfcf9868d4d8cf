/* SPDX-License-Identifier: Apache-2.0
 * doctor --bundle: one JSON file for support. No secret of the configuration is in it: files of
 * secrets and CSV files are not read, comments are left out, and each secret that the loader holds
 * is replaced wherever it stands in the text. */
#include "engine/agent/doctor.h"

#include "engine/conf/load.h"
#include "engine/conf/table.h"
#include "engine/loop/file.h"
#include "proto/base/buf.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { BUNDLE_BYTES = 8 << 20 };

#define REMOVED "(removed)"

/* ---- secrets ---- */

/* A '#' at the beginning of a line or behind a blank begins a comment. In a quoted text it does
 * not, which then loses its end: better than a password in a comment. */
static void drop_comments(struct buf *text)
{
	size_t len = 0;
	bool is_comment = false;
	for (size_t i = 0; i < text->len; i++) {
		uint8_t c = text->data[i];
		uint8_t before = i == 0 ? '\n' : text->data[i - 1];
		is_comment |= c == '#' && (before == '\n' || before == ' ' || before == '\t');
		is_comment &= c != '\n';
		if (!is_comment)
			text->data[len++] = c;
	}
	text->len = len;
}

static bool has(const uint8_t *line, size_t len, const char *what)
{
	return memmem(line, len, what, strlen(what)) != NULL;
}

/* A secret that is written with escapes (\x41, '') is not found by its bytes: such a line goes
 * whole, and the one that it continues on. */
static void drop_escaped(struct buf *text)
{
	size_t len = 0;
	bool is_secret = false;
	for (size_t at = 0; at < text->len;) {
		uint8_t *line = text->data + at;
		const uint8_t *end = memchr(line, '\n', text->len - at);
		size_t n = end == NULL ? text->len - at : (size_t)(end - line) + 1;
		bool is_escaped = has(line, n, "\\") || has(line, n, "''");
		bool is_kept = !is_escaped || (!is_secret && !has(line, n, "community"));
		if (is_kept && !is_secret) {
			memmove(text->data + len, line, n);
			len += n;
		}
		is_secret = (is_secret || !is_kept) && n > 1 && has(line + n - 2, 2, "\\\n");
		at += n;
	}
	text->len = len;
}

/* Replaces each occurrence, in place: REMOVED if it is not longer, else its front. */
static void remove_one(struct buf *text, const char *secret, size_t len)
{
	uint8_t *at = text->data;
	if (len == 0 || text->len == 0 || (len == 6 && memcmp(secret, "public", len) == 0))
		return;
	while ((at = memmem(at, text->len - (size_t)(at - text->data), secret, len)) != NULL) {
		for (size_t i = 0; i < len; i++)
			at[i] = i < sizeof REMOVED - 1 ? (uint8_t)REMOVED[i] : '-';
		at += len;
	}
}

static void remove_secrets(const struct agent_conf *c, struct buf *text)
{
	remove_one(text, c->hub_password.bytes, c->hub_password.len);
	remove_one(text, c->proxy_password.bytes, c->proxy_password.len);
	for (const struct conf_credential *one = c->credentials; one != NULL;
		one = (const struct conf_credential *)one->item.next) {
		if (one->community != NULL)
			remove_one(text, one->community, one->community_len);
		remove_one(text, one->auth_password.bytes, one->auth_password.len);
		remove_one(text, one->priv_password.bytes, one->priv_password.len);
	}
	for (const struct conf_target *t = c->targets; t != NULL;
		t = (const struct conf_target *)t->item.next) {
		if (t->community != NULL)
			remove_one(text, t->community, t->community_len);
	}
}

/* ---- the configuration ---- */

static void put_file(const struct doctor *d, struct writer *w, const char *path)
{
	struct buf text;
	struct conf_error why = {.count = 0};
	jw_object(w, NULL);
	jw_str(w, "file", path);
	if (conf_read_file(&text, path, LIMIT_CONF_BYTES, &why) < 0) {
		jw_str(w, "error", why.text);
	} else {
		/* Comments last: a '#' may stand inside a secret, of which the front stays. */
		drop_escaped(&text);
		remove_secrets(d->conf, &text);
		drop_comments(&text);
		jw_text(w, "text", (struct text){(const char *)text.data, text.len});
		buf_close(&text);
	}
	jw_end(w);
}

/* The drop-ins that the loader has read, beside the file. */
static void put_drop_ins(const struct doctor *d, struct writer *w, const char *file)
{
	static struct conf_folder files; /* names of 256 bytes: too much for a stack */
	char dir[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	struct conf_error why = {.count = 0};
	const char *slash = strrchr(file, '/');
	int len = slash == NULL ? 0 : (int)(slash - file) + 1;
	int n = snprintf(dir, sizeof dir, "%.*s%s", len, file, conf_agent_table.folder);
	if (n < 0 || (size_t)n >= sizeof dir || conf_list_folder(&files, dir, true, &why) < 0)
		return; /* the loader has read it a moment ago */
	for (size_t i = 0; i < files.count; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, files.name[i]);
		put_file(d, w, path);
	}
}

/* Without the loader's list of secrets no text of the file may leave. */
static void put_conf(const struct doctor *d, struct writer *w)
{
	jw_array(w, "configuration");
	if (d->is_loaded) {
		put_file(d, w, d->conf->file);
		put_drop_ins(d, w, d->conf->file);
	}
	jw_end(w);
}

/* ---- the host ---- */

static void put_system(struct writer *w)
{
	struct utsname name;
	struct rlimit files;
	jw_object(w, "system");
	if (uname(&name) == 0) {
		jw_str(w, "kernel", name.release);
		jw_str(w, "machine", name.machine);
	}
	jw_uint(w, "processors", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	jw_uint(w, "memory_bytes",
		(uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		jw_uint(w, "open_files_max", files.rlim_cur);
	jw_uint(w, "user", geteuid());
	jw_end(w);
}

static void put_state_dir(const struct doctor *d, struct writer *w)
{
	struct dirent **entries = NULL;
	const char *dir = d->conf->state_dir;
	int count = dir == NULL ? 0 : scandir(dir, &entries, NULL, alphasort);
	jw_array(w, "state_dir");
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX + NAME_MAX + 2], mode[8];
		struct stat st;
		(void)snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && lstat(path, &st) == 0) {
			(void)snprintf(mode, sizeof mode, "%04o", (unsigned)(st.st_mode & 07777));
			jw_object(w, NULL);
			jw_str(w, "name", entries[i]->d_name);
			jw_uint(w, "bytes", (uint64_t)st.st_size);
			jw_str(w, "mode", mode);
			jw_uint(w, "owner", st.st_uid);
			jw_end(w);
		}
		free(entries[i]);
	}
	free(entries);
	jw_end(w);
}

/* ---- the file ---- */

static void put_all(const struct doctor *d, struct writer *w)
{
	jw_object(w, NULL);
	jw_str(w, "platen", PLATEN_VERSION);
	jw_time(w, "made_at", cli_wall_ms());
	put_system(w);
	jw_array(w, "checks");
	checklist_json(w, &d->list);
	jw_end(w);
	jw_array(w, "status");
	if (d->has_status)
		status_json(w, &d->status, d->is_running);
	jw_end(w);
	put_state_dir(d, w);
	put_conf(d, w);
	jw_end(w);
	writer_char(w, '\n');
}

static int write_file(const char *path, const struct buf *b)
{
	int fd = file_new(path);
	if (fd < 0)
		return fd;
	int err = file_write(fd, b->data, b->len);
	if (err == 0)
		err = file_name_it(fd, path);
	if (err < 0)
		file_drop(fd, path);
	(void)close(fd);
	return err;
}

int doctor_bundle(struct doctor *d, const char *path)
{
	struct buf b;
	struct writer w;
	buf_open(&b, BUNDLE_BYTES);
	writer_open(&w, &b);
	put_all(d, &w);
	int err = writer_close(&w);
	if (err == 0 && d->is_loaded)
		remove_secrets(d->conf, &b);
	if (err == 0)
		err = write_file(path, &b);
	buf_close(&b);
	if (err < 0)
		cli_error(d->cli, "%s: %s", path, err_text(err));
	else if (d->list.is_shown)
		(void)printf(
			"%s: written, without secrets; it names this site's addresses\n", path);
	return err;
}
