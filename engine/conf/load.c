/* SPDX-License-Identifier: Apache-2.0
 * Loading a configuration: defaults, the files, needed keys, then the checks across keys. */
#include "engine/conf/load.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "engine/loop/crypto.h"
#include "engine/loop/file.h"
#include "proto/reading/reading_merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct conf_mark nowhere;

static void report_missing(struct conf_load *l)
{
	for (size_t i = 0; i < l->table->count; i++) {
		const struct conf_key *k = &l->table->keys[i];
		if (k->is_needed && l->given[i].line == 0)
			conf_say(l, nowhere, "\"%s\" is missing", k->path);
	}
}

static int add_digest(struct conf_load *l, const struct buf *bytes)
{
	uint8_t both[2 * CRYPTO_SHA256];
	memcpy(both, l->digest, CRYPTO_SHA256);
	int err = crypto_sha256(bytes->data, bytes->len, both + CRYPTO_SHA256);
	return err < 0 ? err : crypto_sha256(both, sizeof both, l->digest);
}

static int read_one(struct conf_load *l, void *base, const char *path)
{
	struct buf bytes;
	int err = conf_read_file(&bytes, path, LIMIT_CONF_BYTES, l->error);
	if (err < 0)
		return err;
	l->current = path;
	err = add_digest(l, &bytes);
	if (err == 0)
		err = conf_yaml_read(l, base, bytes.data, bytes.len);
	/* A community may stand in the file itself. */
	if (bytes.cap > 0)
		explicit_bzero(bytes.data, bytes.cap);
	buf_close(&bytes);
	return err;
}

/* The drop-ins: conf.d/NAME.yaml beside the main file, in the order of their names. */
static int read_folder(struct conf_load *l, void *base)
{
	struct conf_folder files;
	char path[LIMIT_CONF_VALUE + 2 * NAME_MAX];
	const char *folder = conf_resolve(l, l->table->folder, strlen(l->table->folder));
	if (folder == NULL)
		return -ENOMEM;
	int err = conf_list_folder(&files, folder, true, l->error);
	for (size_t i = 0; i < files.count && err == 0; i++) {
		int len = snprintf(path, sizeof path, "%s/%s", folder, files.name[i]);
		const char *kept = conf_keep(l->memory, path, (size_t)len);
		if (kept == NULL)
			return -ENOMEM;
		(void)read_one(l, base, kept); /* the messages of every file are wanted */
	}
	return err;
}

static int read_into(struct conf_load *l, void *base)
{
	int err = conf_store_presets(l, l->table, base);
	if (err == 0)
		err = read_one(l, base, l->file);
	int more = err == 0 || l->error->count > 0 ? read_folder(l, base) : 0;
	if (err == 0)
		err = more;
	return err == 0 && l->error->count > 0 ? ERR_CONF : err;
}

/* Opens the memory and reads the file into it; what is wrong is in l->error. */
static int open_file(struct conf_load *l, const struct conf_table *t, const char *path, void *base,
	struct conf_error *error)
{
	*error = (struct conf_error){.count = 0};
	*l = (struct conf_load){.table = t, .error = error, .file = path, .current = path};
	int err = conf_memory_open(&l->memory);
	if (err < 0)
		return conf_error_say(error, conf_in_file(path), "%s", err_text(err));
	const char *slash = strrchr(path, '/');
	l->dir_len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	l->file = conf_keep(l->memory, path, strlen(path));
	if (l->file == NULL) {
		l->file = path;
		return conf_error_say(
			error, conf_in_file("configuration"), "the name of the file is too long");
	}
	err = read_into(l, base);
	if (err < 0 && error->count == 0)
		conf_error_say(error, conf_in_file(path), "%s", err_text(err));
	return err;
}

static void load_file(struct conf_load *l, const struct conf_table *t, const char *path, void *base,
	struct conf_error *error)
{
	if (open_file(l, t, path, base, error) == 0)
		report_missing(l);
}

void conf_log_error(const struct conf_error *e, unsigned skip)
{
	unsigned number = 0;
	for (const char *p = e->text; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		if (number++ >= skip)
			log_line(LOG_ERROR, "conf", "what=%.*s", (int)n, p);
		p += n + (p[n] == '\n' ? 1 : 0);
	}
}

struct conf_mark conf_mark_of(const struct conf_item *item)
{
	return (struct conf_mark){item->line, item->column, item->file};
}

struct conf_mark conf_given_at(const struct conf_load *l, const char *path)
{
	int place = conf_table_find(l->table, path);
	return place < 0 ? nowhere : l->given[place];
}

/* ---- the agent ---- */

/* Keys that each entry of a list must have. */
static void report_missing_of_items(struct conf_load *l, const struct conf_key *k, const void *base)
{
	const struct conf_item *item;
	memcpy(&item, (const char *)base + k->offset, sizeof item);
	for (; item != NULL; item = item->next) {
		for (size_t i = 0; i < k->items->count; i++) {
			if (k->items->keys[i].is_needed && (item->given >> i & 1) == 0)
				conf_say(l, conf_mark_of(item), "an entry of \"%s\" needs \"%s\"",
					k->path, k->items->keys[i].path);
		}
	}
}

/* A rule without a pattern fits everything, which is never meant. */
static void check_rules(struct conf_load *l, const char *path, const struct conf_rule *rules)
{
	for (; rules != NULL; rules = (const struct conf_rule *)rules->item.next) {
		if (rules->item.given == 0)
			conf_say(l, conf_mark_of(&rules->item),
				"an entry of \"%s\" needs \"addresses\", \"vendor\", \"model\" or "
				"\"serial\"",
				path);
	}
}

static void check_discovery(struct conf_load *l, const struct agent_conf *c)
{
	check_rules(l, "discovery.include", c->discovery_include);
	check_rules(l, "discovery.exclude", c->discovery_exclude);
	for (const struct conf_discovery_target *t = c->discovery_targets; t != NULL && c->is_fips;
		t = (const struct conf_discovery_target *)t->item.next) {
		if (t->is_v1_asked)
			conf_say(l, conf_mark_of(&t->item),
				"\"fips: on\" refuses \"v1: on\" of discovery target \"%s\"",
				t->range != NULL ? t->range : "");
	}
	struct conf_mark at = conf_given_at(l, "discovery.interval");
	if (c->discovery_interval_ms == 0)
		return;
	if (c->discovery_interval_ms < LIMIT_DISCOVERY_INTERVAL_MS)
		conf_say(l, at,
			"\"discovery.interval\" takes 0, or at least %um: a scan is felt by the "
			"network",
			LIMIT_DISCOVERY_INTERVAL_MS / 60000);
	if (c->discovery_targets == NULL && !c->discovery_mdns)
		conf_say(
			l, at, "\"discovery.interval\" is of no use without \"discovery.targets\"");
}

static void check_agent(struct conf_load *l, struct agent_conf *c)
{
	if (c->site == NULL)
		c->site = "";
	for (size_t i = 0; i < l->table->count; i++) {
		if (l->table->keys[i].type == CONF_LIST)
			report_missing_of_items(l, &l->table->keys[i], c);
	}
	conf_check_hub(l, c);
	conf_check_credentials(l, c);
	for (struct conf_target *t = c->targets; t != NULL;
		t = (struct conf_target *)t->item.next) {
		conf_check_target(l, c, t);
		uint8_t ipp = t->ipp_mode != IPP_MODE_DEFAULT ? t->ipp_mode : c->ipp_mode;
		c->has_ipp = c->has_ipp || ipp != IPP_MODE_OFF;
	}
	check_discovery(l, c);
	conf_check_privacy(l, c);
	conf_check_sync(l, c);
}

int agent_conf_load(struct agent_conf *c, const char *path, struct conf_error *err)
{
	struct conf_load l;
	*c = (struct agent_conf){.has_hub = false};
	load_file(&l, &conf_agent_table, path, c, err);
	c->file = l.file;
	memcpy(c->digest, l.digest, sizeof c->digest);
	c->memory = l.memory;
	if (err->count == 0)
		check_agent(&l, c);
	if (err->count == 0)
		return 0;
	agent_conf_free(c);
	return ERR_CONF;
}

size_t agent_conf_memory(const struct agent_conf *c)
{
	return sizeof *c + conf_memory_bytes(c->memory) +
	       (c->sync_zone != NULL ? sizeof *c->sync_zone : 0);
}

int agent_conf_peek(struct agent_conf *c, const char *path, struct conf_error *err)
{
	struct conf_load l;
	*c = (struct agent_conf){.has_hub = false};
	(void)open_file(&l, &conf_agent_table, path, c, err); /* err says it */
	c->file = l.file;
	memcpy(c->digest, l.digest, sizeof c->digest);
	c->memory = l.memory;
	/* The usual one only if nothing is wrong: a key that is not known may have been meant. */
	int place = conf_table_find(&conf_agent_table, "state_dir");
	bool is_known =
		place >= 0 && !l.is_refused[place] && (err->count == 0 || l.given[place].line != 0);
	if (c->state_dir != NULL && is_known) {
		c->site = c->site == NULL ? "" : c->site;
		return 0;
	}
	agent_conf_free(c);
	return ERR_CONF;
}

void agent_conf_free(struct agent_conf *c)
{
	secret_wipe(&c->hub_password);
	secret_wipe(&c->proxy_password);
	free(c->sync_zone);
	conf_memory_close(c->memory);
	*c = (struct agent_conf){.has_hub = false};
}

/* ---- the hub ---- */

static void check_server(struct conf_load *l, const struct hub_conf *c)
{
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	int fd = file_open_private(c->key_file, why, sizeof why);
	if (fd >= 0)
		(void)close(fd);
	else
		conf_say(l, conf_given_at(l, "tls.key_file"), "\"tls.key_file\": %s", why);
}

static void check_thresholds(struct conf_load *l, const struct hub_conf *c)
{
	int at = conf_table_find(l->table, "supplies.thresholds");
	report_missing_of_items(l, &l->table->keys[at], c);
	for (const struct conf_supply_threshold *t = c->thresholds; t != NULL;
		t = (const struct conf_supply_threshold *)t->item.next) {
		if (t->type != NULL && supply_type_from(t->type) < 0)
			conf_say(l, conf_mark_of(&t->item),
				"\"type\": \"%s\" is no type of supply (toner, ink_cartridge, opc "
				"...)",
				t->type);
	}
}

int hub_conf_load(struct hub_conf *c, const char *path, struct conf_error *err)
{
	struct conf_load l;
	*c = (struct hub_conf){.listen_port = 0};
	load_file(&l, &conf_hub_table, path, c, err);
	c->file = l.file;
	memcpy(c->digest, l.digest, sizeof c->digest);
	c->memory = l.memory;
	if (err->count == 0) {
		check_server(&l, c);
		check_thresholds(&l, c);
	}
	if (err->count == 0)
		return 0;
	hub_conf_free(c);
	return ERR_CONF;
}

void hub_conf_free(struct hub_conf *c)
{
	conf_memory_close(c->memory);
	*c = (struct hub_conf){.listen_port = 0};
}
