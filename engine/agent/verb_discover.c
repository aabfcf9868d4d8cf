/* SPDX-License-Identifier: Apache-2.0
 * platen discover: one scan (fleet/scan.h) on a loop of its own. */
#include "engine/agent/discover.h"

#include "engine/agent/keys.h"
#include "engine/agent/knowledge.h"
#include "engine/agent/printer_options.h"
#include "engine/agent/verbs.h"
#include "engine/fleet/mdns_query.h"
#include "engine/loop/file.h"
#include "proto/base/limits.h"
#include "proto/mdns/mdns.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	DEFAULT_RATE = 500,
	DEFAULT_TRIES = 3,
	/* Deadlines: the client's requests, a connection each for ports and IPP, the scan's own. */
	DISCOVER_DEADLINES = 512,
	DISCOVER_WINDOW = 64,
	DISCOVER_TRIES = 4,
	PROGRESS_MS = 250
};

struct discovery {
	const struct discover_options *options;
	struct loop *loop;
	struct snmp_client *client;
	struct mdns *mdns; /* before the scan */
	struct scan *scan; /* NULL: not begun */
	struct agent_knowledge knowledge;
	struct discover_ranges ranges;
	struct scan_credential *credentials;
	struct usm_user *users; /* as many; only those of SNMPv3 are in use */
	size_t credential_count;
	struct due progress;
	bool has_progress;
	bool is_interrupted;
	int err;
};

/* ---- credentials ------------------------------------------------------------------------ */

static int make_keys(struct usm_user *user, const struct conf_credential *c)
{
	struct usm_secret secret = agent_secret_of(c);
	int err = usm_user_init(user, &secret);
	if (err == 0)
		err = usm_user_prepare_now(user, &secret);
	if (err < 0)
		(void)fprintf(stderr, "platen: credential \"%s\": %s\n", c->name, err_text(err));
	return err;
}

static int add_credentials(struct discovery *d)
{
	const struct discover_options *o = d->options;
	size_t configured = o->conf != NULL ? o->conf->credential_count : 0;
	d->credentials = calloc(configured + 1, sizeof d->credentials[0]);
	d->users = calloc(configured + 1, sizeof d->users[0]);
	if (d->credentials == NULL || d->users == NULL)
		return -ENOMEM;
	const struct conf_credential *c = configured > 0 ? o->conf->credentials : NULL;
	for (; c != NULL; c = (const struct conf_credential *)c->item.next) {
		size_t at = d->credential_count;
		struct usm_user *user = c->version == SNMP_V3 ? &d->users[at] : NULL;
		int err = user != NULL ? make_keys(user, c) : 0;
		if (err < 0)
			return err;
		d->credentials[d->credential_count++] = scan_credential_of(c, user);
	}
	const char *word = o->community;
	if (word == NULL && configured == 0 && (o->conf == NULL || !o->conf->is_fips))
		word = "public";
	if (word != NULL)
		d->credentials[d->credential_count++] = (struct scan_credential){.name = "",
			.version = SNMP_V2C,
			.community = word,
			.community_len = (uint8_t)strlen(word)};
	return 0;
}

/* ---- while it runs ---------------------------------------------------------------------- */

static void print_progress(const struct discovery *d)
{
	struct scan_counts c;
	scan_counts(d->scan, &c);
	uint64_t total = c.addresses * c.passes;
	uint64_t done = c.addresses * c.pass + c.at;
	(void)fprintf(stderr,
		"\r%3u %% of the probes sent, %ju addresses responded, %ju printers\033[K",
		total > 0 ? (unsigned)(done * 100 / total) : 100,
		(c.by_mark[SCAN_RESPONDED] + c.by_mark[SCAN_NO_RECORD]),
		(c.by_class[SCAN_PRINTER] + c.by_class[SCAN_LOCKED]));
}

static void on_progress(struct due *due)
{
	struct discovery *d = container_of(due, struct discovery, progress);
	print_progress(d);
	/* Without room among the deadlines there is no more progress; the scan goes on. */
	if (loop_due_set(d->loop, &d->progress, loop_now_ms(d->loop) + PROGRESS_MS) < 0)
		d->has_progress = false;
}

static void on_end(void *owner)
{
	struct discovery *d = owner;
	loop_due_clear(d->loop, &d->progress);
	if (isatty(STDERR_FILENO) == 1)
		(void)fprintf(stderr, "\r\033[K");
	loop_signals_close(d->loop);
	loop_stop(d->loop);
}

static void on_signal(void *owner, int signo)
{
	struct discovery *d = owner;
	(void)signo;
	d->is_interrupted = true;
	if (d->scan != NULL)
		scan_stop(d->scan);
	else
		loop_stop(d->loop);
}

/* ---- from one part to the next ---------------------------------------------------------- */

static int start_scan(struct discovery *d)
{
	const struct discover_options *o = d->options;
	struct scan_options so = {.ranges = d->ranges.list,
		.range_count = d->ranges.count,
		.credentials = d->credentials,
		.credential_count = d->credential_count,
		.per_s = o->per_s,
		.tries = o->tries,
		.wait_ms = cli_number(o->cli, "wait"),
		.rounds = o->rounds,
		.is_tcp = o->is_tcp,
		.keeps_doubles = cli_has(o->cli, "all-addresses"),
		.found_max = LIMIT_SCAN_FOUND,
		.models = d->knowledge.models,
		.conf = o->conf};
	struct scan_events events = {.on_end = on_end};
	int err = scan_start(&d->scan, d->loop, d->client, &so, &events, d);
	if (err == 0 && isatty(STDERR_FILENO) == 1)
		err = loop_due_set(d->loop, &d->progress, loop_now_ms(d->loop));
	return err;
}

static void on_mdns_end(void *owner)
{
	struct discovery *d = owner;
	const struct discover_options *o = d->options;
	for (size_t i = 0; i < mdns_count(d->mdns) && d->err == 0; i++) {
		struct conf_range at = mdns_at(d->mdns, i);
		d->err = discover_add_range(&d->ranges, &at, o->port, o->allows_v1);
	}
	if (d->err == 0)
		d->err = start_scan(d);
	if (d->err < 0)
		loop_stop(d->loop);
}

static int start_mdns(struct discovery *d)
{
	struct sockaddr_in6 to;
	struct conf_range one;
	char why[LIMIT_WHY];
	const char *text = d->options->mdns;
	if (text[0] == '\0')
		return mdns_start(&d->mdns, d->loop, NULL, cli_number(d->options->cli, "wait"),
			on_mdns_end, d);
	if (conf_range_parse(&one, text, why, sizeof why) < 0 || one.count != 1) {
		cli_error(d->options->cli, "--mdns=%s: not one address", text);
		return ERR_USAGE;
	}
	conf_range_at(&one, 0, MDNS_PORT, &to);
	return mdns_start(&d->mdns, d->loop, (const struct sockaddr *)&to,
		cli_number(d->options->cli, "wait"), on_mdns_end, d);
}

static int start(struct discovery *d)
{
	struct snmp_client_options po = {
		.window = DISCOVER_WINDOW, .deadline_ms = 5000, .tries = DISCOVER_TRIES};
	due_init(&d->progress, on_progress);
	int err = snmp_client_open(&d->client, d->loop, &po);
	if (err == 0)
		err = loop_signal_watch(d->loop, SIGINT, on_signal, d);
	if (err == 0)
		err = loop_signal_watch(d->loop, SIGTERM, on_signal, d);
	if (err == 0)
		err = d->options->mdns != NULL ? start_mdns(d) : start_scan(d);
	return err;
}

static int run_loop(struct discovery *d)
{
	int err = loop_open(&d->loop, DISCOVER_DEADLINES);
	if (err < 0)
		return err;
	err = start(d);
	if (err == 0)
		err = loop_run(d->loop);
	if (err == 0)
		err = d->err;
	if (err == 0 && d->scan != NULL)
		err = discover_print(d->scan, d->options);
	loop_signals_close(d->loop);
	mdns_close(d->mdns);
	scan_close(d->scan);
	snmp_client_close(d->client);
	int closed = loop_close(d->loop);
	return err < 0 ? err : closed;
}

static int discover(const struct discover_options *o)
{
	struct discovery d = {.options = o};
	const struct cli *cli = o->cli;
	const char *models = o->conf != NULL ? o->conf->models_dir : cli_value(cli, "models");
	int err = discover_read_ranges(&d.ranges, o);
	if (err == 0)
		err = agent_need_knowledge(&d.knowledge, models);
	if (err == 0 && d.ranges.count == 0 && o->mdns == NULL) {
		cli_error(cli, "no RANGE was given, and discovery.targets names none");
		err = ERR_USAGE;
	} else if (err == 0) {
		err = add_credentials(&d);
		if (err == 0)
			err = run_loop(&d);
		if (err == ERR_LIMIT)
			cli_error(cli, "the ranges hold more than %u addresses",
				LIMIT_SCAN_ADDRESSES);
		else if (err < 0)
			cli_error(cli, "%s", err_text(err));
	}
	for (size_t i = 0; i < d.credential_count; i++) {
		if (d.credentials[i].user != NULL)
			usm_user_close(d.credentials[i].user);
	}
	free(d.users);
	free(d.credentials);
	free(d.ranges.list);
	agent_close_knowledge(&d.knowledge);
	return err == 0 && d.is_interrupted ? ERR_STOPPED : err;
}

/* ---- the command line ------------------------------------------------------------------- */

static int run_with_csv(struct discover_options *o)
{
	const char *path = cli_value(o->cli, "csv");
	/* The scan may take hours: whether its file can be written is known before. */
	int err = path != NULL ? agent_new_file(o->cli, path, &o->csv) : 0;
	if (err < 0)
		return cli_exit_of(err);
	err = discover(o);
	/* A scan that was interrupted has its rows too, unless it ended before the first probe. */
	bool is_written = o->csv != NULL && (err == 0 || err == ERR_STOPPED) && ftell(o->csv) > 0;
	if (is_written) {
		int named = fflush(o->csv) != 0 ? -EIO : file_name_it(fileno(o->csv), path);
		if (named < 0)
			cli_error(o->cli, "%s: %s", path, err_text(named));
		err = named < 0 ? named : err;
		is_written = named == 0;
	}
	if (o->csv != NULL && !is_written)
		file_drop(fileno(o->csv), path);
	if (o->csv != NULL)
		(void)fclose(o->csv); /* flushed just now, or of no use */
	return err < 0 ? cli_exit_of(err) : cli_finish(o->cli);
}

static uint64_t number_or(const struct cli *cli, const char *option, uint64_t usual)
{
	return cli_has(cli, option) ? cli_number(cli, option) : usual;
}

static int run_with_conf(struct discover_options *o)
{
	const struct cli *cli = o->cli;
	const struct agent_conf *c = o->conf;
	struct secret secret = {.len = 0};
	int code = printer_read_community(cli, &secret);
	o->community = secret.len > 0 ? secret.bytes : NULL;
	o->per_s = (uint32_t)number_or(cli, "rate", c != NULL ? c->discovery_rate : DEFAULT_RATE);
	o->tries =
		(unsigned)number_or(cli, "tries", c != NULL ? c->discovery_tries : DEFAULT_TRIES);
	o->rounds = (unsigned)number_or(cli, "rounds", c != NULL ? c->discovery_rounds : 0);
	if (code == CLI_OK && c != NULL && c->is_fips && (o->allows_v1 || o->community != NULL))
		code = cli_usage(cli, "\"fips: on\" refuses communities");
	if (code == CLI_OK)
		code = run_with_csv(o);
	secret_wipe(&secret);
	return code;
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct discover_options o = {.cli = cli,
		.mdns = cli_value(cli, "mdns"),
		.port = (uint16_t)cli_number(cli, "port"),
		.allows_v1 = cli_has(cli, "v1"),
		.is_tcp = cli_has(cli, "tcp")};
	bool names_any = cli->arg_count > 0 || cli_has(cli, "import");
	if (!cli_has(cli, "config")) {
		if (!names_any && o.mdns == NULL)
			return cli_usage(cli, "give a RANGE, --mdns, --import, or --config with "
					      "discovery.targets");
		return run_with_conf(&o);
	}
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	o.conf = &conf;
	o.is_tcp = o.is_tcp || conf.discovery_tcp;
	if (o.mdns == NULL && conf.discovery_mdns && !names_any)
		o.mdns = "";
	code = agent_use_fips(cli, &conf);
	if (code == CLI_OK)
		code = run_with_conf(&o);
	agent_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("config", 0, .type = CLI_FILE, .value = "FILE", .words = ".yaml .yml",
		.help = "credentials, access rules and, without RANGE, discovery.targets of this "
			"file"),
	CLI_OPTION("community", 'c', .type = CLI_TEXT, .value = "NAME",
		.help = "a community to try after those of the configuration (public, if there are "
			"none)"),
	CLI_OPTION("community-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "a private file with it"),
	CLI_OPTION("port", 'p', .type = CLI_NUMBER, .value = "PORT", .min = 1, .max = UINT16_MAX,
		.preset = "161", .help = "the UDP port of SNMP"),
	CLI_OPTION("rate", 0, .type = CLI_NUMBER, .value = "N", .min = 1, .max = LIMIT_SCAN_RATE,
		.help = "packets a second (discovery.rate, or 500)"),
	CLI_OPTION("tries", 0, .type = CLI_NUMBER, .value = "N", .max = LIMIT_SCAN_TRIES,
		.help = "communities sent to one address at most (discovery.tries, or 3)"),
	CLI_OPTION("wait", 0, .type = CLI_DURATION, .value = "TIME", .min = 100, .max = 60000,
		.preset = "3s", .help = "how long to wait for responses after the last probe"),
	CLI_OPTION("rounds", 0, .type = CLI_NUMBER, .value = "N", .min = 1,
		.max = LIMIT_SCAN_ROUNDS,
		.help = "how often silent addresses are probed (discovery.rounds, or as needed: "
			"twice where that is quick, more where many packets are lost)"),
	CLI_OPTION("v1", 0, .help = "use SNMPv1 too where nothing else got a response"),
	CLI_OPTION("tcp", 0,
		.help = "try TCP ports 515, 9100, 2000, 2105, 631, 80 and 443 of what responded "
			"(nothing is written to them), and IPP where SNMP tells too little or is "
			"off"),
	CLI_OPTION("mdns", 0, .type = CLI_TEXT, .is_optional = true, .value = "ADDRESS",
		.help = "look also at printers that multicast DNS announces (on every link, by "
			"IPv4 and IPv6, or at ADDRESS)"),
	CLI_OPTION("import", 0, .type = CLI_FILE, .value = "FILE", .words = ".csv",
		.help = "a CSV file with a column \"address\": look there too"),
	CLI_OPTION("explain", 'e', .type = CLI_TEXT, .is_optional = true, .value = "ADDRESS",
		.help = "for each address that responded, or for ADDRESS (--explain=ADDRESS), why "
			"it is a printer or not"),
	CLI_OPTION("all-addresses", 'a',
		.help = "list every address of a device, not each device once"),
	CLI_OPTION("csv", 0, .type = CLI_FILE, .value = "FILE", .words = ".csv",
		.help = "write the printers to a new file, in the form of devices.targets"),
	{.name = NULL}};

_Static_assert(LIMIT_SCAN_WAIT_MS == 3000, "the default of --wait");

const struct cli_verb agent_verb_discover = {.name = "discover",
	.args = "[RANGE ...]",
	.max_args = CLI_ARGS_MAX,
	.summary = "find the printers of a network, with the reason for each",
	.details = "RANGE is an address, a network (10.1.0.0/16) or FIRST-LAST. Each address gets "
		   "an SNMPv3 engine probe, which needs no credential, and SNMPv2c with the "
		   "communities that may be sent to it; what responds is then identified. A device "
		   "with several addresses is listed once. Nothing is kept; the daemon does the "
		   "same every discovery.interval.",
	.options = {options, cli_option_json, agent_option_models},
	.run = run};
