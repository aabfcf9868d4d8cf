/* SPDX-License-Identifier: Apache-2.0
 * platen report: one row for each printer, from the spool. */
#include "engine/agent/verbs.h"
#include "engine/store/spool_view.h"
#include "engine/ui/report.h"
#include "proto/base/limits.h"
#include "proto/base/slab.h"
#include "proto/base/str.h"
#include "proto/wire/pack.h"
#include "proto/wire/policy.h"

#include <errno.h>
#include <string.h>

/* The groups of one device come one after the other; a new key ends the device before. */
struct collection {
	struct report report;
	struct slab blocks;
	struct reading reading;
	bool is_open;
	unsigned mask;
	uint64_t read_at_ms;
	char key[LIMIT_TEXT_LONG + 1];
	char address[LIMIT_TEXT + 1];
	size_t damaged;
	bool is_for_third_party;
	struct policy policy;
};

static int end_device(struct collection *g)
{
	if (!g->is_open)
		return 0;
	struct report_device d = {.device_key = text_of(g->key),
		.address = text_of(g->address),
		.read_at_ms = g->read_at_ms,
		.reading = &g->reading,
		.mask = g->mask};
	if (g->is_for_third_party)
		policy_apply(&g->policy, &g->reading);
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

static int on_group(void *owner, const struct spool_latest *l)
{
	struct collection *g = owner;
	if (!g->is_open || !text_is(l->device_key, g->key)) {
		int err = end_device(g);
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
	static struct collection g;
	char title[LIMIT_TEXT + 32], why[LIMIT_WHY] = "";
	int code, err = slab_open(&g.blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		return cli_fail(cli, err, "%s", err_text(err));
	(void)snprintf(title, sizeof title, "Printers%s%s", conf->site[0] != '\0' ? " of " : "",
		conf->site);
	struct report_options o = {.format = (enum report_format)format,
		.title = title,
		.software = "platen " PLATEN_VERSION,
		.now_ms = cli_wall_ms()};
	policy_open_third_party(&g.policy);
	g.is_for_third_party = cli_has(cli, "for-third-party");
	report_begin(&g.report, stdout, &o);
	int result = spool_each_latest(conf->state_dir, on_group, &g, why, sizeof why);
	if (result >= 0)
		result = end_device(&g);
	else if (g.is_open)
		reading_close(&g.reading);
	err = report_end(&g.report);
	slab_close(&g.blocks);
	if (result >= 0)
		result = err;
	if (g.damaged > 0)
		cli_error(cli, "%zu group%s of readings left out as damaged", g.damaged,
			PLURAL_S(g.damaged));
	code = cli_finish(cli); /* a full disk below stdout is not the state directory's fault */
	if (result == -ENOENT || (result < 0 && code == CLI_OK))
		code = cli_finish_state(cli, result, conf->state_dir, why,
			"no printer was read here yet; start with: platen once");
	return code;
}

static int run(const struct cli *cli)
{
	const char *name = cli_has(cli, "json") ? "json" : cli_value(cli, "format");
	struct agent_conf conf;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = make_report(cli, &conf, report_format_from_text(name));
	agent_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("format", 'f', .type = CLI_WORD, .value = "FORMAT",
		.words = "text csv html json", .preset = "text", .help = "how it is shown"),
	CLI_OPTION("for-third-party", 0,
		.help = "without what is confidential to vendors (docs/what-leaves.md)"),
	{.name = NULL}};

const struct cli_verb agent_verb_report = {.name = "report",
	.summary = "one row for each printer, as last read",
	.details = "Reads the state directory beside the daemon. --json is --format json.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
