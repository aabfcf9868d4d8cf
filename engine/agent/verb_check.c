/* SPDX-License-Identifier: Apache-2.0
 * platen check: the daemon's state as a plugin of Nagios, Icinga and others (Monitoring Plugins
 * Development Guidelines): one line, performance data behind "|", exit code 0 to 3. It asks the
 * control socket, as platen status does. */
#include "engine/agent/status_source.h"
#include "engine/agent/verbs.h"
#include "engine/ui/view.h"
#include "proto/base/str.h"
#include "proto/text/escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum plugin_level { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

static const char *const level_names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

#define WARNING "sync=26h,coverage=90,queue=50"
#define CRITICAL "sync=50h,coverage=50,queue=80"

struct limits {
	uint64_t sync_ms;  /* alert above: age of the last sync */
	uint64_t coverage; /* alert below: percent of the printers that are read */
	uint64_t queue;    /* alert above: percent of spool.max_bytes */
};

struct check {
	enum plugin_level level;
	char text[4 * LIMIT_WHY]; /* the findings, "; " between them */
	struct limits warning, critical;
	uint64_t now_ms; /* ages are up to here: the figures', or those of a run of `once` up to now
			  */
};

/* ---- thresholds ---- */

static int read_limit(struct limits *l, const char *name, size_t len, const char *value)
{
	if (len == 4 && memcmp(name, "sync", len) == 0)
		return str_to_ms(value, &l->sync_ms);
	if (len == 8 && memcmp(name, "coverage", len) == 0)
		return str_to_u64(value, 0, 100, &l->coverage);
	if (len == 5 && memcmp(name, "queue", len) == 0)
		return str_to_u64(value, 0, 100, &l->queue);
	return ERR_FORMAT;
}

/* "sync=26h,coverage=90": those that are named; the others stay. */
static int read_limits(struct limits *l, const char *text)
{
	while (*text != '\0') {
		char value[24];
		size_t len = strcspn(text, ",");
		const char *equals = memchr(text, '=', len);
		size_t used = equals == NULL ? len : (size_t)(equals - text) + 1;
		if (equals == NULL || len - used >= sizeof value)
			return ERR_FORMAT;
		memcpy(value, text + used, len - used);
		value[len - used] = '\0';
		int err = read_limit(l, text, used - 1, value);
		if (err < 0)
			return err;
		text += len + (text[len] == ',' ? 1 : 0);
	}
	return 0;
}

static int read_option(
	const struct cli *cli, const char *name, const char *preset, struct limits *l)
{
	const char *given = cli_value(cli, name);
	int err = read_limits(l, preset);
	if (err == 0)
		err = read_limits(l, given);
	return err < 0 ? cli_usage(cli, "--%s takes a list such as %s, not %.80s", name, preset,
				 given)
		       : CLI_OK;
}

/* ---- findings ---- */

PRINTF_LIKE(3, 4)
static void find(struct check *c, enum plugin_level level, const char *fmt, ...)
{
	size_t len = strlen(c->text);
	va_list ap;
	if (level > c->level)
		c->level = level;
	if (len > 0 && len + 3 < sizeof c->text)
		len += str_copy(c->text + len, sizeof c->text - len, "; ");
	va_start(ap, fmt);
	(void)vsnprintf(c->text + len, sizeof c->text - len, fmt, ap);
	va_end(ap);
}

static enum plugin_level above(uint64_t value, uint64_t warning, uint64_t critical)
{
	return value > critical ? PLUGIN_CRITICAL : value > warning ? PLUGIN_WARNING : PLUGIN_OK;
}

/* Printers that were never read do not count before the first cycle is complete. */
static uint64_t expected(const struct agent_status *s)
{
	uint64_t never = s->cycle == 0 ? s->roster.by_outcome[OUTCOME_NEVER] : 0;
	return s->roster.devices > never ? s->roster.devices - never : 0;
}

static uint64_t read_devices(const struct agent_status *s)
{
	return s->roster.by_outcome[OUTCOME_COMPLETE] + s->roster.by_outcome[OUTCOME_PARTIAL];
}

static uint64_t coverage(const struct agent_status *s)
{
	uint64_t all = expected(s), read = read_devices(s);
	return all == 0 || read >= all ? 100 : read * 100 / all;
}

static void check_coverage(struct check *c, const struct agent_status *s)
{
	uint64_t percent = coverage(s);
	enum plugin_level level = percent < c->critical.coverage  ? PLUGIN_CRITICAL
				  : percent < c->warning.coverage ? PLUGIN_WARNING
								  : PLUGIN_OK;
	find(c, level, "%ju of %ju printer%s read", read_devices(s), expected(s),
		PLURAL_S(expected(s)));
}

/* Where a timer runs `platen once`, a timer that has stopped looks like a quiet fleet. */
static void check_run(struct check *c, const struct agent_status *s)
{
	char age[32];
	uint64_t age_ms = c->now_ms > s->written_ms ? c->now_ms - s->written_ms : 0;
	view_age(age, s->written_ms, c->now_ms);
	find(c, above(age_ms, c->warning.sync_ms, c->critical.sync_ms), "platen once ran %s", age);
}

/* Of an agent that has never synced: since its start. */
static uint64_t sync_age_ms(const struct check *c, const struct agent_status *s)
{
	uint64_t since = s->sync_last_ms != 0 ? s->sync_last_ms : s->started_ms;
	return c->now_ms > since ? c->now_ms - since : 0;
}

static void check_sync(struct check *c, const struct agent_status *s)
{
	char age[32];
	if (s->hub[0] == '\0') {
		find(c, PLUGIN_OK, "no hub is configured");
		return;
	}
	enum plugin_level level = above(sync_age_ms(c, s), c->warning.sync_ms, c->critical.sync_ms);
	view_age(age, s->sync_last_ms, c->now_ms);
	find(c, level, "last sync %s", s->sync_last_ms != 0 ? age : "never");
	if (strcmp(s->hub_result, "ok") != 0 && s->hub_failure[0] != '\0')
		find(c, PLUGIN_WARNING, "the last try failed: %s", s->hub_failure);
}

static uint64_t queue_permille(const struct agent_status *s)
{
	return s->spool_max_bytes == 0 ? 0 : s->spool.pending_bytes * 1000 / s->spool_max_bytes;
}

static void check_queue(struct check *c, const struct agent_status *s)
{
	uint64_t permille = queue_permille(s);
	find(c, above(permille, c->warning.queue * 10, c->critical.queue * 10),
		"%ju record%s wait%s", s->spool.pending, PLURAL_S(s->spool.pending),
		s->spool.pending == 1 ? "s" : "");
	if (s->disk_error[0] != '\0')
		find(c, PLUGIN_CRITICAL, "the state directory cannot be written: %s",
			s->disk_error);
}

/* The last run was one of `platen once`, or one is under way: no daemon is expected. */
static bool is_by_once(const char *dir, struct agent_status *s, bool is_running)
{
	struct agent_status last;
	if (!is_running)
		return s->once == 1;
	if (strcmp(s->state, STATUS_STARTING) != 0 || status_read(dir, &last) < 0 || last.once != 1)
		return false;
	*s = last;
	return true;
}

/* Whether the daemon responds: else its figures are of another time, and none is shown. */
static bool check_process(
	struct check *c, const char *dir, int err, struct agent_status *s, bool is_running)
{
	c->now_ms = err < 0 ? 0 : s->written_ms;
	if (err >= 0 && is_by_once(dir, s, is_running)) {
		c->now_ms = cli_wall_ms();
		check_run(c, s);
		return true;
	}
	if (err == -ENOENT)
		find(c, PLUGIN_CRITICAL, "no daemon has run in %s", dir);
	else if (err < 0)
		find(c, PLUGIN_UNKNOWN, "%s: %s", dir, err_text(err));
	else if (!is_running)
		find(c, PLUGIN_CRITICAL, "the daemon does not run");
	else if (strcmp(s->state, STATUS_NOT_RESPONDING) == 0)
		find(c, PLUGIN_CRITICAL, "the daemon does not respond (process %ju)", s->pid);
	else if (strcmp(s->state, STATUS_STARTING) == 0)
		find(c, PLUGIN_WARNING, "the daemon is starting or ending");
	else
		return true;
	return false;
}

/* "label=value[unit];warning;critical;min;max": alerts below a limit are written "90:". */
static void put_data(struct writer *w, const struct check *c, const struct agent_status *s)
{
	writer_printf(w, " | printers=%ju read=%ju coverage=%ju%%;%ju:;%ju:;0;100", expected(s),
		read_devices(s), coverage(s), c->warning.coverage, c->critical.coverage);
	if (s->hub[0] != '\0')
		writer_printf(w, " sync_age=%jus;%ju;%ju;0", sync_age_ms(c, s) / 1000,
			c->warning.sync_ms / 1000, c->critical.sync_ms / 1000);
	writer_printf(w, " queue=%ju.%ju%%;%ju;%ju;0;100 pending=%ju memory=%juB",
		queue_permille(s) / 10, queue_permille(s) % 10, c->warning.queue, c->critical.queue,
		s->spool.pending, s->memory_peak_bytes);
}

static int show(const struct cli *cli, struct check *c, const char *dir)
{
	struct agent_status s;
	struct writer w;
	bool is_running;
	int err = agent_status_get(dir, &s, &is_running);
	bool has_figures = check_process(c, dir, err, &s, is_running);
	if (has_figures) {
		check_coverage(c, &s);
		check_sync(c, &s);
		check_queue(c, &s);
	}
	writer_open_file(&w, stdout);
	writer_printf(&w, "PLATEN %s: ", level_names[c->level]);
	/* "|" begins the performance data. */
	for (char *bar = strchr(c->text, '|'); bar != NULL; bar = strchr(bar, '|'))
		*bar = '/';
	writer_shown(&w, text_of(c->text));
	if (has_figures)
		put_data(&w, c, &s);
	writer_char(&w, '\n');
	return writer_close(&w) < 0 || cli_finish(cli) != CLI_OK ? PLUGIN_UNKNOWN : (int)c->level;
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct check c = {.level = PLUGIN_OK};
	if (read_option(cli, "warning", WARNING, &c.warning) != CLI_OK ||
		read_option(cli, "critical", CRITICAL, &c.critical) != CLI_OK)
		return PLUGIN_UNKNOWN;
	if (agent_peek_conf(cli, &conf) != CLI_OK) {
		(void)printf("PLATEN UNKNOWN: the configuration cannot be read\n");
		return PLUGIN_UNKNOWN;
	}
	int code = show(cli, &c, conf.state_dir);
	agent_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("warning", 'W', .type = CLI_TEXT, .value = "LIST", .preset = WARNING,
		.help = "thresholds of WARNING"),
	CLI_OPTION("critical", 'C', .type = CLI_TEXT, .value = "LIST", .preset = CRITICAL,
		.help = "thresholds of CRITICAL"),
	{.name = NULL}};

const struct cli_verb agent_verb_check = {.name = "check",
	.summary = "one line and an exit code for Nagios, Icinga and others",
	.details =
		"A plugin: exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, and performance "
		"data behind the line. LIST names thresholds, those that it leaves out stay: "
		"sync, the age of the last sync above which it alerts; coverage, the percentage "
		"of printers read below which it alerts; queue, the percentage of "
		"spool.max_bytes in use above which it alerts. A daemon that does not run, does "
		"not respond or cannot write its state directory is CRITICAL. Where the last run "
		"was one of platen once, no daemon is expected: then the age of that run is "
		"compared with sync's thresholds too.",
	.options = {options, conf_option_config},
	.usage_code = PLUGIN_UNKNOWN,
	.run = run};
