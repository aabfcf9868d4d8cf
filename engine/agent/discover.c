/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/discover.h"

#include "engine/agent/keys.h"
#include "engine/agent/knowledge.h"
#include "engine/fleet/mdns_query.h"
#include "engine/fleet/scan.h"
#include "proto/mdns/mdns.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* Deadlines: the client's questions, a conn each for ports and IPP, the scan's own. */
	DISCOVER_DEADLINES = 512,
	DISCOVER_WINDOW = 64,
	DISCOVER_TRIES = 4,
	PROGRESS_MS = 250
};

struct discovery {
	const struct agent_discover_options *options;
	struct loop *loop;
	struct snmp_client *client;
	struct mdns *mdns; /* before the scan */
	struct scan *scan; /* NULL: not begun */
	struct agent_knowledge knowledge;
	struct agent_ranges ranges;
	struct scan_credential *credentials;
	struct usm_user *users; /* as many; only those of SNMPv3 are in use */
	size_t credential_count;
	struct due progress;
	bool has_progress;
	bool is_interrupted;
	int err;
};

/* ---- credentials ------------------------------------------------------------------------ */

static int take_user(
	struct scan_credential *to, struct usm_user *user, const struct conf_credential *c)
{
	struct usm_secret secret = agent_secret_of(c);
	int err = usm_user_init(user, &secret);
	if (err == 0)
		err = usm_user_prepare_now(user, &secret);
	to->context = c->context;
	to->context_len = c->context != NULL ? strlen(c->context) : 0;
	if (err < 0)
		(void)fprintf(stderr, "platen: credential \"%s\": %s\n", c->name, err_text(err));
	else
		to->user = user;
	return err;
}

static int take_credentials(struct discovery *d)
{
	const struct agent_discover_options *o = d->options;
	size_t configured = o->conf != NULL ? o->conf->credential_count : 0;
	d->credentials = calloc(configured + 1, sizeof d->credentials[0]);
	d->users = calloc(configured + 1, sizeof d->users[0]);
	if (d->credentials == NULL || d->users == NULL)
		return -ENOMEM;
	const struct conf_credential *c = configured > 0 ? o->conf->credentials : NULL;
	for (; c != NULL; c = (const struct conf_credential *)c->item.next) {
		size_t at = d->credential_count++;
		d->credentials[at] = (struct scan_credential){.name = c->name,
			.version = c->version,
			.community = c->community,
			.community_len = c->community_len,
			.bound = c};
		int err = c->version == SNMP_V3 ? take_user(&d->credentials[at], &d->users[at], c)
						: 0;
		if (err < 0)
			return err;
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
	uint64_t turns = c.addresses * c.passes;
	uint64_t done = c.addresses * c.pass + c.at;
	(void)fprintf(stderr,
		"\r%3u %% of the probes sent, %llu addresses answered, %llu printers\033[K",
		turns > 0 ? (unsigned)(done * 100 / turns) : 100,
		(unsigned long long)(c.by_mark[SCAN_RESPONDED] + c.by_mark[SCAN_NO_RECORD]),
		(unsigned long long)(c.by_class[SCAN_PRINTER] + c.by_class[SCAN_LOCKED]));
}

static void on_progress(struct due *due)
{
	struct discovery *d = container_of(due, struct discovery, progress);
	print_progress(d);
	/* Without a place among the deadlines the line stands still, which harms nobody. */
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
	const struct agent_discover_options *o = d->options;
	struct scan_options so = {.ranges = d->ranges.list,
		.range_count = d->ranges.count,
		.credentials = d->credentials,
		.credential_count = d->credential_count,
		.per_s = o->per_s,
		.tries = o->tries,
		.wait_ms = o->wait_ms,
		.rounds = o->rounds,
		.is_tcp = o->is_tcp,
		.keeps_doubles = o->keeps_doubles,
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
	const struct agent_discover_options *o = d->options;
	for (size_t i = 0; i < mdns_count(d->mdns) && d->err == 0; i++) {
		struct conf_range at = mdns_at(d->mdns, i);
		d->err = agent_discover_add(&d->ranges, &at, o->port, o->allows_v1);
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
		return mdns_start(&d->mdns, d->loop, NULL, d->options->wait_ms, on_mdns_end, d);
	if (conf_range_parse(&one, text, why, sizeof why) < 0 || one.count != 1) {
		(void)fprintf(stderr, "platen: --mdns=%s: not one address\n", text);
		return ERR_USAGE;
	}
	conf_range_at(&one, 0, MDNS_PORT, &to);
	return mdns_start(&d->mdns, d->loop, (const struct sockaddr *)&to, d->options->wait_ms,
		on_mdns_end, d);
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

static int run(struct discovery *d)
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
		err = agent_discover_show(d->scan, d->options);
	loop_signals_close(d->loop);
	mdns_close(d->mdns);
	scan_close(d->scan);
	snmp_client_close(d->client);
	int closed = loop_close(d->loop);
	return err < 0 ? err : closed;
}

int agent_discover(const struct agent_discover_options *o)
{
	struct discovery d = {.options = o};
	int err = agent_discover_ranges(&d.ranges, o);
	if (err == 0)
		err = agent_need_knowledge(&d.knowledge, o->models);
	if (err == 0 && d.ranges.count == 0 && o->mdns == NULL) {
		(void)fprintf(stderr, "platen: no range was given, and discovery.targets names "
				      "none\n");
		err = ERR_USAGE;
	} else if (err == 0) {
		err = take_credentials(&d);
		if (err == 0)
			err = run(&d);
		if (err == ERR_LIMIT)
			(void)fprintf(stderr, "platen: the ranges hold more than %u addresses\n",
				LIMIT_SCAN_ADDRESSES);
		else if (err < 0)
			(void)fprintf(stderr, "platen: %s\n", err_text(err));
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
