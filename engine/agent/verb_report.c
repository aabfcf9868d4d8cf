/* SPDX-License-Identifier: Apache-2.0
 * The verbs that only look: check-config, status, report. */
#include "engine/agent/verbs.h"

#include "engine/conf/models.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/slab.h"
#include "proto/base/str.h"
#include "engine/ui/report.h"
#include "engine/ui/status.h"
#include "engine/snmp/usm.h"
#include "engine/store/spool_view.h"
#include "proto/wire/pack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct cli_option agent_report_options[] = {CLI_OPTION_CONFIG,
	{"format", 'f', "FORMAT", "text, csv, html or json (text)"},
	{"json", 'j', NULL, "the same as --format json"}, {0}};

/* ---- check-config ---- */

struct counted {
	const struct agent_conf *conf;
	uint64_t devices, denied;
};

static int count_device(void *owner, const struct conf_device *device)
{
	struct counted *n = owner;
	n->devices++;
	n->denied += !agent_conf_is_allowed(n->conf, &device->address.sa);
	return 0;
}

static void note_devices(
	char *dst, size_t cap, const struct agent_conf *conf, const struct counted *n)
{
	char limit[80] = "", denied[80] = "", looked[96] = "";
	bool has_discovery = conf->discovery_targets != NULL || conf->discovery_mdns;
	if (n->devices - n->denied > conf->devices_max)
		(void)snprintf(limit, sizeof limit, ", of which devices.max lets %llu be read",
			(unsigned long long)conf->devices_max);
	if (n->denied > 0)
		(void)snprintf(denied, sizeof denied, ", of which access denies %llu",
			(unsigned long long)n->denied);
	if (has_discovery && conf->discovery_interval_ms > 0)
		(void)snprintf(looked, sizeof looked, "; more are looked for every %llu min",
			(unsigned long long)conf->discovery_interval_ms / 60000);
	else if (has_discovery)
		(void)snprintf(looked, sizeof looked,
			"; discovery.interval is 0: none are looked for but by platen discover");
	(void)snprintf(dst, cap, ": %llu devices%s%s%s%s; %s%s", (unsigned long long)n->devices,
		denied, limit, n->devices == 0 ? " (devices.targets names none)" : "", looked,
		conf->has_hub ? "hub " : "no hub: nothing is ever sent",
		conf->has_hub ? conf->hub_url : "");
}

/* What of fips: on a start would find: a provider, none, or a broken one. */
static int check_fips(const struct agent_conf *conf, struct conf_error *why, char *note, size_t cap)
{
	bool is_loaded;
	char text[LIMIT_WHY] = "";
	if (!conf->is_fips)
		return 0;
	if (usm_fips_open(&is_loaded, text, sizeof text) < 0) {
		why->count = 1;
		why->len = str_copy(why->text, sizeof why->text, text);
		return ERR_CONF;
	}
	(void)snprintf(note + strlen(note), cap - strlen(note), "; %s", text);
	return 0;
}

static void warn_of_passphrases(const struct agent_conf *conf)
{
	char shown[2 * LIMIT_CREDENTIAL_NAME];
	for (const struct conf_credential *c = conf->credentials; c != NULL;
		c = (const struct conf_credential *)c->item.next) {
		if (conf_credential_is_weak(c))
			(void)fprintf(stderr,
				"platen: warning: credential %s has a passphrase of less than %d "
				"bytes: who records one message can try to find it\n",
				log_quote(shown, sizeof shown, c->name, strlen(c->name)),
				LIMIT_PASSPHRASE_GOOD);
	}
}

static int check_models(const struct agent_conf *conf, struct conf_error *why)
{
	struct models set;
	if (conf->models_dir == NULL)
		return 0;
	int err = conf_load_models(&set, conf->models_dir, why);
	if (err == 0)
		models_close(&set);
	return err;
}

int agent_verb_check_config(const struct cli *cli)
{
	struct agent_conf conf;
	struct conf_error why;
	struct counted n = {.conf = &conf};
	char note[LIMIT_CONF_VALUE + 2 * LIMIT_WHY] = "";
	if (agent_conf_load(&conf, cli_config_file(cli), &why) == 0) {
		if (conf_each_device(&conf, count_device, &n, &why) >= 0 &&
			check_models(&conf, &why) == 0) {
			note_devices(note, sizeof note, &conf, &n);
			warn_of_passphrases(&conf);
			(void)check_fips(&conf, &why, note, sizeof note); /* why says it */
		}
		agent_conf_free(&conf);
	}
	const struct cli_fact facts[] = {{"devices", n.devices}, {"denied", n.denied}, {NULL, 0}};
	return cli_checked(cli, &why, facts, note);
}

/* ---- status ---- */

static int print_status(const struct cli *cli, const struct agent_status *s, bool is_running)
{
	if (!cli_has(cli, "json"))
		return status_print(stdout, s, is_running, cli_wall_ms());
	struct writer w;
	writer_open_file(&w, stdout);
	status_json(&w, s, is_running);
	writer_char(&w, '\n');
	return writer_close(&w);
}

int agent_verb_status(const struct cli *cli)
{
	struct agent_conf conf;
	struct agent_status status;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int running = status_is_running(conf.state_dir);
	int err = running < 0 ? running : status_read(conf.state_dir, &status);
	if (err == 0)
		err = print_status(cli, &status, running == 1);
	else if (err == -ENOENT)
		cli_error(cli, "%s: no daemon has run here yet; start one with: platen run",
			conf.state_dir);
	else
		cli_error(cli, "%s: %s", conf.state_dir, err_text(err));
	agent_conf_free(&conf);
	return err < 0 ? cli_exit_of(err) : cli_finish(cli);
}

/* ---- report ---- */

/* The groups of one device come in a row; a new key means that the last device is whole. */
struct gathering {
	struct report report;
	struct slab blocks;
	struct reading reading;
	bool is_open;
	unsigned mask;
	uint64_t read_at_ms;
	char key[LIMIT_TEXT_LONG + 1];
	char address[LIMIT_TEXT + 1];
	size_t damaged;
};

static int give_device(struct gathering *g)
{
	if (!g->is_open)
		return 0;
	struct report_device d = {.device_key = text_of(g->key),
		.address = text_of(g->address),
		.read_at_ms = g->read_at_ms,
		.reading = &g->reading,
		.mask = g->mask};
	int err = report_device(&g->report, &d);
	reading_close(&g->reading);
	g->is_open = false;
	return err;
}

static void copy(char *dst, size_t cap, struct text t)
{
	size_t n = t.len < cap - 1 ? t.len : cap - 1;
	if (n > 0)
		memcpy(dst, t.p, n);
	dst[n] = '\0';
}

static int take_group(void *owner, const struct spool_latest *l)
{
	struct gathering *g = owner;
	if (!g->is_open || !text_is(l->device_key, g->key)) {
		int err = give_device(g);
		if (err < 0)
			return err;
		reading_open(&g->reading, &g->blocks);
		g->is_open = true;
		g->mask = 0;
		g->read_at_ms = 0;
		g->address[0] = '\0';
		copy(g->key, sizeof g->key, l->device_key);
	}
	if (l->read_at_ms >= g->read_at_ms) {
		g->read_at_ms = l->read_at_ms;
		copy(g->address, sizeof g->address, l->address);
	}
	if (record_group_unpack(&g->reading, l->group, l->read_at_ms, l->bytes, l->len) < 0)
		g->damaged++;
	else
		g->mask |= 1u << l->group;
	return 0;
}

static int make_report(const struct cli *cli, const struct agent_conf *conf, int format)
{
	static struct gathering g;
	char title[LIMIT_TEXT + 32], why[LIMIT_WHY] = "";
	int err = slab_open(&g.blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0) {
		cli_error(cli, "%s", err_text(err));
		return cli_exit_of(err);
	}
	(void)snprintf(title, sizeof title, "Printers%s%s", conf->site[0] != '\0' ? " of " : "",
		conf->site);
	struct report_options o = {.format = (enum report_format)format,
		.title = title,
		.software = "platen " PLATEN_VERSION,
		.now_ms = cli_wall_ms()};
	report_begin(&g.report, stdout, &o);
	int result = spool_each_latest(conf->state_dir, take_group, &g, why, sizeof why);
	if (result >= 0)
		result = give_device(&g);
	else if (g.is_open)
		reading_close(&g.reading);
	err = report_end(&g.report);
	slab_close(&g.blocks);
	if (result >= 0)
		result = err;
	if (g.damaged > 0)
		cli_error(
			cli, "%zu parts of readings could not be read and are left out", g.damaged);
	if (result == -ENOENT)
		cli_error(cli, "%s: nothing was read here yet; start with: platen once",
			conf->state_dir);
	else if (result < 0)
		cli_error(cli, "%s: %s", conf->state_dir, why[0] != '\0' ? why : err_text(result));
	return result < 0 ? cli_exit_of(result) : cli_finish(cli);
}

int agent_verb_report(const struct cli *cli)
{
	const char *name = cli_value(cli, "format");
	if (name == NULL)
		name = cli_has(cli, "json") ? "json" : "text";
	int format = report_format_from_text(name);
	if (format < 0)
		return cli_usage(cli, "--format takes text, csv, html or json");
	struct agent_conf conf;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = make_report(cli, &conf, format);
	agent_conf_free(&conf);
	return code;
}
