/* SPDX-License-Identifier: Apache-2.0
 * platen check-net: the ports that this configuration uses, and whether each can be reached from
 * here (S48). */
#include "engine/agent/checklist.h"
#include "engine/agent/hub_options.h"
#include "engine/agent/reach.h"
#include "engine/agent/verbs.h"
#include "engine/conf/table.h"
#include "engine/fleet/mdns_query.h"
#include "proto/base/str.h"
#include "proto/smi/request.h"
#include "proto/text/json_writer.h"
#include "proto/text/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ranges and files that are tried; the time for one, and for a connection. */
enum { TARGETS = 32, TARGET_MS = 8000, CONNECT_MS = 5000, MDNS_MS = 1500 };
enum { MDNS_PORT = 5353 };

struct net {
	const struct cli *cli;
	const struct agent_conf *conf;
	struct loop *loop;
	struct checklist list;
	/* A printer that responded: the other ports are tried at it. */
	bool has_printer;
	char printer[CONF_HOST_TEXT];
	unsigned targets;
};

PRINTF_LIKE(7, 8)
static void add(struct net *n, const char *use, const char *protocol, uint16_t port, const char *to,
	enum check_result result, const char *fmt, ...)
{
	char text[CHECK_TEXT];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	struct check_line *line = checklist_add(&n->list, use, to, result, "", "%s", text);
	line->protocol = protocol;
	line->port = port;
}

/* ---- SNMP ---- */

static void check_target(struct net *n, const struct conf_target *t, const char *use)
{
	struct reach_snmp r;
	const char *to = t->range != NULL ? t->range : t->csv;
	bool is_tried = n->targets++ < TARGETS;
	if (is_tried)
		reach_snmp_target(&r, n->loop, n->conf, t, TARGET_MS);
	else
		reach_snmp_count(&r, n->conf, t);
	uint16_t port = r.port != 0 ? r.port : t->port;
	const char *more = r.has_more_ports ? "; its column port names other ports too" : "";
	if (r.has_response && !n->has_printer) {
		n->has_printer = true;
		conf_range_host(n->printer, &r.responder.sa);
	}
	if (r.has_response)
		add(n, use, "udp", port, to, CHECK_OK, "%s responds%s",
			address_text(&r.responder.sa).text, more);
	else if (r.why[0] != '\0')
		add(n, use, "udp", port, to, CHECK_NOT_TRIED, "%s", r.why);
	else if (!is_tried)
		add(n, use, "udp", port, to, CHECK_NOT_TRIED, "more than %d targets%s", TARGETS,
			more);
	else if (r.tried == 0)
		add(n, use, "udp", port, to, CHECK_NOT_TRIED, "access rules exclude it");
	else if (r.err != ERR_SNMP_TIMEOUT)
		/* A printer has responded, although it refuses the credential. */
		add(n, use, "udp", port, to, CHECK_OK, "a printer responds, but: %s%s",
			err_text(r.err), more);
	else
		add(n, use, "udp", port, to, CHECK_TROUBLE,
			"no response from %zu of %ju addresses: filtered, or no printer, or the "
			"community is wrong%s",
			r.tried, r.addresses, more);
}

/* Discovery tries its credentials in their order; here the first that fits, else public. */
static void check_discovery(struct net *n)
{
	for (const struct conf_discovery_target *t = n->conf->discovery_targets; t != NULL;
		t = (const struct conf_discovery_target *)t->item.next) {
		struct conf_target as = {.range = t->range,
			.port = t->port,
			.version = SNMP_V2C,
			.community = "public",
			.community_len = 6,
			.credential = n->conf->credentials};
		check_target(n, &as, "discovery");
	}
}

/* ---- TCP ---- */

/* A firewall on the way sees only the connection to the proxy, if there is one. */
static void check_hub(struct net *n)
{
	struct reach_tcp r;
	struct hub_hop hop = agent_first_hop(n->conf);
	if (!n->conf->sends) {
		add(n, "hub", "tcp", hop.port, hop.host, CHECK_NOT_TRIED,
			"send is off: no packet goes there");
		return;
	}
	reach_tcp(&r, n->loop, hop.host, hop.port, NULL, CONNECT_MS);
	if (r.err == 0)
		add(n, "hub", "tcp", hop.port, hop.host, CHECK_OK, "connected to %s", r.peer);
	else if (r.err == -ECONNREFUSED)
		add(n, "hub", "tcp", hop.port, hop.host, CHECK_TROUBLE,
			"refused: nothing listens there, or a firewall rejects it");
	else
		add(n, "hub", "tcp", hop.port, hop.host, CHECK_TROUBLE, "%s",
			r.err == ERR_TIMEOUT ? "no response: filtered, or the host is off" : r.why);
}

/* A printer that refuses shows that nothing on the way filters the port. */
static void check_printer_port(struct net *n, const char *use, uint16_t port)
{
	struct reach_tcp r;
	if (!n->has_printer) {
		add(n, use, "tcp", port, "printers", CHECK_NOT_TRIED,
			"no printer has responded to SNMP");
		return;
	}
	reach_tcp(&r, n->loop, n->printer, port, NULL, CONNECT_MS);
	if (r.err == 0 || r.err == -ECONNREFUSED)
		add(n, use, "tcp", port, n->printer, CHECK_OK, "%s",
			r.err == 0 ? "connected" : "the printer refuses: its service is off");
	else
		add(n, use, "tcp", port, n->printer, CHECK_TROUBLE, "%s",
			r.err == ERR_TIMEOUT ? "no response: filtered" : r.why);
}

static void check_printing_ports(struct net *n)
{
	static const uint16_t ports[] = {515, 9100, 2000, 2105};
	for (size_t i = 0; n->conf->discovery_tcp && i < sizeof ports / sizeof ports[0]; i++)
		check_printer_port(n, "discovery", ports[i]);
}

/* ---- mDNS ---- */

static void on_mdns_end(void *owner)
{
	struct net *n = owner;
	loop_stop(n->loop);
}

static void check_mdns(struct net *n)
{
	struct mdns *m = NULL;
	if (!n->conf->discovery_mdns)
		return;
	loop_refresh(n->loop);
	int err = mdns_start(&m, n->loop, NULL, MDNS_MS, on_mdns_end, n);
	if (err == 0)
		err = loop_run(n->loop);
	size_t count = err == 0 ? mdns_count(m) : 0;
	mdns_close(m);
	if (err < 0)
		add(n, "discovery", "udp", MDNS_PORT, "224.0.0.251", CHECK_TROUBLE, "%s",
			err_text(err));
	else if (count == 0)
		add(n, "discovery", "udp", MDNS_PORT, "224.0.0.251", CHECK_NOT_TRIED,
			"no printer of this link responded: there may be none");
	else
		add(n, "discovery", "udp", MDNS_PORT, "224.0.0.251", CHECK_OK,
			"%zu printer%s responded", count, PLURAL_S(count));
	(void)!loop_run(n->loop); /* its sockets close */
}

/* ---- the output ---- */

static const char *word_of(const struct check_line *line)
{
	return line->result == CHECK_TROUBLE ? "blocked" : check_result_name(line->result);
}

static int print_table(const struct net *n)
{
	static const char *const names[] = {"protocol", ">port", "to", "for", "result", "reason"};
	const struct table_head head = {
		.format = TABLE_TEXT, .names = names, .columns = sizeof names / sizeof names[0]};
	struct table t;
	table_begin(&t, stdout, &head);
	for (size_t i = 0; i < n->list.count; i++) {
		const struct check_line *line = &n->list.lines[i];
		table_str(&t, line->protocol);
		table_number(&t, line->port);
		table_str(&t, line->object);
		table_str(&t, line->check);
		table_str(&t, word_of(line));
		table_str(&t, line->text);
		table_end_row(&t);
	}
	return table_end(&t);
}

static int print_json(const struct net *n)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_array(&w, "ports");
	for (size_t i = 0; i < n->list.count; i++) {
		const struct check_line *line = &n->list.lines[i];
		jw_object(&w, NULL);
		jw_str(&w, "protocol", line->protocol);
		jw_uint(&w, "port", line->port);
		jw_str(&w, "to", line->object);
		jw_str(&w, "for", line->check);
		jw_str(&w, "result", word_of(line));
		jw_str(&w, "reason", line->text);
		jw_end(&w);
	}
	jw_end(&w);
	return jw_close(&w);
}

static int check(struct net *n)
{
	const struct agent_conf *c = n->conf;
	for (const struct conf_target *t = c->targets; t != NULL;
		t = (const struct conf_target *)t->item.next)
		check_target(n, t, "snmp");
	check_discovery(n);
	if (c->has_ipp)
		check_printer_port(n, "ipp", c->ipp_port);
	check_printing_ports(n);
	check_mdns(n);
	if (c->has_hub)
		check_hub(n);
	int err = cli_has(n->cli, "json") ? print_json(n) : print_table(n);
	int code = cli_finish(n->cli);
	return code != CLI_OK ? code : err < 0 || n->list.troubles > 0 ? CLI_FAILED : CLI_OK;
}

static int run(const struct cli *cli)
{
	static struct net n; /* 100 KiB: too much for a stack */
	struct agent_conf conf;
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	n = (struct net){.cli = cli, .conf = &conf};
	code = agent_use_fips(cli, &conf);
	int err = code == CLI_OK ? loop_open(&n.loop, REACH_DEADLINES) : 0;
	if (err < 0)
		code = cli_fail(cli, err, "%s", err_text(err));
	if (code == CLI_OK) {
		code = check(&n);
		err = loop_close(n.loop);
		if (err < 0)
			code = cli_fail(cli, err, "something stayed open: %s", err_text(err));
	}
	agent_conf_free(&conf);
	return code;
}

const struct cli_verb agent_verb_check_net = {.name = "check-net",
	.summary = "show the ports that this configuration uses, and which are blocked",
	.details =
		"One line for each: SNMP of each target by one GET to a sample of its addresses; "
		"IPP and the printing ports of discovery.tcp at a printer that responded, by a "
		"connection that is closed without a byte; multicast DNS; the hub, or its proxy. "
		"Nothing comes "
		"in from outside: these are all the rules that a firewall needs. The exit code is "
		"1 if one is blocked.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
