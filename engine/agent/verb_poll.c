/* SPDX-License-Identifier: Apache-2.0
 * platen poll: one poll by the code of the daemon, without roster and spool. */
#include "engine/agent/knowledge.h"
#include "engine/agent/printer_options.h"
#include "engine/agent/trace.h"
#include "engine/agent/verbs.h"

#include "engine/conf/range.h"
#include "engine/ui/hint.h"
#include "engine/ui/view.h"
#include "engine/fleet/poll.h"
#include "proto/model/kind.h"
#include "proto/text/json_writer.h"
#include "proto/reading/reading_merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deadlines: one request at a time. */
enum { POLL_DEADLINES = 16 };

struct poll_verb {
	struct printer_options options;
	struct loop *loop;
	struct snmp_client *client;
	struct poll_context *polls;
	struct device device;
	struct printer_session session;
	struct agent_trace trace;
	unsigned refused, responses; /* responses with authorizationError, and all */
	struct agent_knowledge knowledge;
	uint8_t ipp_mode; /* enum ipp_mode */
	bool is_json, is_trace;
	int err;
};

static void on_step(
	void *owner, const struct snmp_request *request, const struct snmp_response *response)
{
	struct poll_verb *p = owner;
	p->responses += response->err == 0;
	p->refused += response->err == 0 && response->error_status == SNMP_AUTHORIZATION_ERROR;
	if (p->is_trace)
		agent_trace_step(&p->trace, request, response);
}

/* One line for a failure if IPP was requested explicitly or reached; with --trace, for each
 * response. */
static void on_ipp(
	void *owner, const struct device *dev, const struct ipp_response *response, unsigned gained)
{
	const struct poll_verb *p = owner;
	if (response->err < 0) {
		if (response->is_reached || dev->ipp.mode != IPP_MODE_AUTO || p->is_trace)
			(void)fprintf(stderr, "platen: %s: IPP: %s\n", p->options.url.host,
				response->why);
		return;
	}
	if (response->why[0] != '\0')
		(void)fprintf(stderr, "platen: %s: IPP: %s; the rest of the response is used\n",
			p->options.url.host, response->why);
	if (!p->is_trace)
		return;
	(void)fprintf(stderr, "IPP     port=%u tls=%s -> bytes=%zu gained=", dev->ipp.port,
		response->is_tls ? "yes" : "no", response->len);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((gained >> g & 1) != 0)
			(void)fprintf(stderr, "%s ", group_name((enum reading_group)g));
	}
	(void)fprintf(stderr, "\n");
}

/* Why there is no reading: one line on stderr, and with --json one object on stdout. */
static void print_failure(const struct poll_verb *p, int err, uint64_t took_ms)
{
	const char *host = p->options.url.host;
	const char *hint = hint_snmp(err, p->device.peer.version);
	if (p->ipp_mode != IPP_MODE_ONLY) /* on_ipp has printed its line */
		cli_error(p->options.cli, "%s: %s after %ju ms: %s (see also: platen snmp-test %s)",
			host, err_text(err), took_ms, hint, p->options.name);
	if (!p->is_json)
		return;
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_str(&w, "host", host);
	jw_str(&w, "error", err_text(err));
	jw_uint(&w, "took_ms", took_ms);
	jw_str(&w, "hint", hint);
	(void)!jw_close(&w); /* cli_finish checks stdout */
}

/* One line on stderr: the daemon keeps no reading of it. */
static void print_other(const struct poll_verb *p, const struct identity *id)
{
	const char *kind = device_kind_name(device_kind_of(id));
	char host[CONF_HOST_TEXT];
	conf_range_host(host, &p->device.peer.address.sa);
	if (!id->is_printer && id->why != WHY_NOTHING)
		cli_error(p->options.cli,
			"%s: not a printer: %s (%s); platen run does not keep it unless "
			"devices.accept names %s or %s",
			p->options.url.host, kind, identity_why_name((enum identity_why)id->why),
			host, kind);
}

static void on_end(void *owner, struct poll *v, const struct poll_end *end)
{
	struct poll_verb *p = owner;
	if (p->is_trace)
		agent_trace_end(&p->trace);
	p->err = end->err;
	if (p->responses > 0 && p->refused == p->responses)
		p->err = ERR_SNMP_LEVEL; /* it responds, but refuses every variable */
	if (poll_has_response(end->reading) && p->err != ERR_SNMP_LEVEL) {
		print_other(p, &end->reading->identity);
		p->err = view_reading(end->reading, p->is_json);
	} else if (p->ipp_mode != IPP_MODE_ONLY || p->is_json) {
		print_failure(
			p, p->err, end->took_ms); /* of IPP alone, on_ipp printed the reason */
	}
	poll_free(v);
	loop_stop(p->loop);
}

static int run_loop(struct poll_verb *p)
{
	int err = printer_client_open(&p->client, p->loop, &p->options);
	if (err < 0)
		return err;
	struct poll_options polls = {.client = p->client,
		.models = p->knowledge.models,
		.polls = 1,
		.blocks = LIMIT_ARENA_BLOCKS_ONE,
		.ipp_polls = 1,
		.on_step = on_step,
		.on_ipp = on_ipp,
		.owner = p};
	err = poll_context_open(&p->polls, p->loop, &polls);
	agent_trace_open(&p->trace, &p->device, p->client);
	if (err == 0)
		err = poll_start(p->polls, &p->device, on_end, p);
	if (err == 0)
		err = loop_run(p->loop);
	snmp_client_close(p->client);
	poll_context_close(p->polls);
	return err < 0 ? err : p->err;
}

static int poll(struct poll_verb *p)
{
	int err = loop_open(&p->loop, POLL_DEADLINES);
	if (err < 0)
		return err;
	err = run_loop(p);
	if (err < 0 && p->err == 0)
		cli_error(p->options.cli, "%s: %s", p->options.url.host, err_text(err));
	int closed = loop_close(p->loop);
	return err < 0 ? err : closed;
}

static int poll_printer(struct poll_verb *p)
{
	const struct cli *cli = p->options.cli;
	const struct printer_url *url = &p->options.url;
	struct conf_device at;
	int err = printer_find(&p->options, &at);
	if (err == 0)
		err = agent_need_knowledge(&p->knowledge, cli_value(cli, "models"));
	if (err < 0)
		return err;
	at.ipp_mode = p->ipp_mode;
	at.ipp_port =
		url->is_ipp && url->port != 0 ? url->port : (uint16_t)cli_number(cli, "ipp-port");
	device_init(&p->device, &at);
	p->device.ipp.path = url->is_ipp && url->path[0] != '\0' ? url->path : NULL;
	p->device.profile.ipp.is_tls = url->is_tls;
	err = printer_session_open(&p->session, &p->device.peer, at.credential);
	if (err == 0)
		err = poll(p);
	printer_session_close(&p->session);
	agent_close_knowledge(&p->knowledge);
	return err;
}

static int run(const struct cli *cli)
{
	static const uint8_t modes[] = {
		IPP_MODE_OFF, IPP_MODE_AUTO, IPP_MODE_ALWAYS, IPP_MODE_ONLY};
	struct poll_verb p = {.is_json = cli_has(cli, "json"),
		.is_trace = cli_has(cli, "trace"),
		.ipp_mode = modes[cli_word(cli, "ipp")]};
	int code = printer_options_open(&p.options, cli);
	if (code == CLI_OK && p.options.url.is_ipp) {
		p.ipp_mode = IPP_MODE_ONLY;
		if (cli_has(cli, "ipp") || cli_has(cli, "ipp-port"))
			code = cli_usage(cli, "a URL says all of it: without --ipp and --ipp-port");
	}
	if (code == CLI_OK) {
		int err = poll_printer(&p);
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
	}
	printer_options_close(&p.options);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("ipp", 0, .type = CLI_WORD, .value = "MODE", .words = "off auto always only",
		.preset = "auto",
		.help = "IPP as the second source; auto: where SNMP tells too little"),
	CLI_OPTION("ipp-port", 0, .type = CLI_NUMBER, .value = "PORT", .min = 1, .max = UINT16_MAX,
		.preset = "631", .help = "the printer's TCP port for IPP"),
	CLI_OPTION("trace", 0, .help = "show each request and its response on stderr"),
	{.name = NULL}};

const struct cli_verb agent_verb_poll = {.name = "poll",
	.args = "HOST",
	.arg_type = CLI_HOST,
	.min_args = 1,
	.max_args = 1,
	.summary = "read one printer and show the reading",
	.details = "Needs no configuration. HOST is a name or an address, with a port if need be "
		   "(HOST:PORT, [IPV6]:PORT), or a URL for IPP alone (ipp://HOST[:PORT][/PATH], "
		   "ipps://...). Nothing is kept and nothing is sent to a hub.",
	.options = {agent_printer_options, options, agent_option_models, cli_option_json},
	.run = run};
