/* SPDX-License-Identifier: Apache-2.0
 * platen preview: the next upload in clear, without sending it. It goes the way of a sync (gate,
 * compression) up to the signature; the coverage of the sync is not in it. */
#include "engine/agent/host.h"
#include "engine/agent/next_batch.h"
#include "engine/agent/verbs.h"
#include "engine/store/spool_offline.h"
#include "engine/ui/view.h"
#include "engine/uplink/filter.h"
#include "engine/uplink/last_upload.h"
#include "proto/base/slab.h"
#include "proto/document/json.h"
#include "proto/wire/pack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct preview {
	const struct agent_conf *conf;
	struct policy policy;
	struct spool_identity identity;
	struct next_batch next;
	struct slab blocks;
	struct writer w; /* on stdout */
	bool is_json;
	struct last_upload *last; /* NULL: no difference is asked for, or nothing was sent */
	struct table table;
	/* the batch being filled */
	struct buf body;
	uint32_t records;
	uint64_t first, last_seq;
	/* all of them */
	uintmax_t batches, all_records, raw_bytes;
	uintmax_t sent_bytes; /* of the requests' bodies */
};

/* ---- one record ---- */

static const char *difference(const struct preview *p, const struct record_head *head, unsigned g,
	const struct record_span *span)
{
	switch (last_upload_compare(p->last, head->device_key, g, span->p, span->len)) {
	case LAST_NONE:
		return "new";
	case LAST_SAME:
		return "same";
	case LAST_OTHER:
		return "changed";
	}
	return "";
}

static void put_record(struct preview *p, const struct record_head *head,
	const struct record_span spans[GROUP_COUNT], size_t len)
{
	char text[25], groups[256] = "";
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		size_t at = strlen(groups);
		if (spans[g].len == 0)
			continue;
		(void)snprintf(groups + at, sizeof groups - at, "%s%s%s%s", at > 0 ? " " : "",
			group_name((enum reading_group)g), p->last != NULL ? ":" : "",
			p->last != NULL ? difference(p, head, g, &spans[g]) : "");
	}
	table_text(&p->table, head->device_key);
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)head->seq);
	table_str(&p->table, text);
	str_utc(text, head->read_at_ms);
	table_str(&p->table, text);
	(void)snprintf(text, sizeof text, "%zu", len);
	table_str(&p->table, text);
	table_str(&p->table, groups);
	table_end_row(&p->table);
}

static void put_records(struct preview *p)
{
	for (size_t at = 0; at < p->body.len;) {
		struct record_head head;
		struct record_span spans[GROUP_COUNT];
		int n = record_spans(&head, spans, p->body.data + at, p->body.len - at);
		if (n < 0)
			return;
		put_record(p, &head, spans, (size_t)n);
		at += (size_t)n;
	}
}

/* ---- one batch ---- */

static int end_batch(struct preview *p)
{
	struct batch_head head = {.epoch = p->identity.epoch,
		.first = p->first,
		.last = p->last_seq,
		.count = p->records};
	struct upload up = {.raw = NULL};
	struct envelope e;
	if (p->records == 0)
		return 0;
	int err = batch_filter(&p->policy, &p->body);
	if (err < 0)
		return err;
	memcpy(head.agent_id, p->identity.agent_id, sizeof head.agent_id);
	up.raw = p->body.data;
	up.raw_len = p->body.len;
	buf_open(&up.compressed, LIMIT_BATCH_SENT);
	int n = next_batch_fill(&p->next, &p->policy, &head, &up, &e);
	err = n < 0 ? n : 0;
	if (err == 0 && p->is_json) {
		err = json_batch(&p->w, &e, &head, p->body.data, p->body.len, &p->blocks);
		writer_char(&p->w, '\n');
	} else if (err == 0) {
		put_records(p);
	}
	buf_close(&up.compressed);
	next_batch_step(&p->next, &head);
	p->batches++;
	p->all_records += p->records;
	p->raw_bytes += p->body.len;
	p->sent_bytes += err == 0 ? (uint64_t)n : 0;
	p->records = 0;
	buf_clear(&p->body);
	return err;
}

static int on_record(void *owner, uint64_t seq, const uint8_t *bytes, size_t len)
{
	struct preview *p = owner;
	struct record_head head;
	struct record_span spans[GROUP_COUNT];
	(void)seq; /* it is in the record */
	if (record_spans(&head, spans, bytes, len) < 0)
		return 0;
	bool is_full =
		p->records == next_batch_max(&p->next) || p->body.len + len > LIMIT_BATCH_RAW;
	int err = is_full ? end_batch(p) : 0;
	if (err == 0)
		err = buf_put(&p->body, bytes, len);
	if (err < 0)
		return err;
	if (p->records == 0)
		p->first = head.seq;
	p->last_seq = head.seq;
	p->records++;
	return 0;
}

/* ---- the whole ---- */

static void put_last_run(const struct preview *p)
{
	const struct uplink_last_run *last = &p->next.last_run;
	bool is_more = p->sent_bytes >= last->bytes;
	if (!p->next.has_last_run)
		return;
	(void)printf(
		"the last upload: %ju record%s in %ju batch%s, %ju bytes: this one is %ju bytes "
		"%s\n",
		last->records, PLURAL_S(last->records), last->batches, PLURAL_ES(last->batches),
		last->bytes, is_more ? p->sent_bytes - last->bytes : last->bytes - p->sent_bytes,
		is_more ? "more" : "less");
}

static void put_totals(const struct preview *p)
{
	if (p->is_json)
		return;
	(void)printf("%ju record%s in %ju batch%s: %ju bytes in clear, %ju to send\n",
		p->all_records, PLURAL_S(p->all_records), p->batches, PLURAL_ES(p->batches),
		p->raw_bytes, p->sent_bytes);
	put_last_run(p);
	if (!p->next.is_of_daemon && p->conf->sends && p->conf->has_hub)
		(void)printf("no daemon runs here: the next platen once reads printers first, and "
			     "sends that too\n");
	if (!p->conf->has_hub)
		(void)printf("no hub is configured: nothing is ever sent\n");
	else if (!p->conf->sends)
		(void)printf("send is off: nothing is sent\n");
}

static void open_table(struct preview *p)
{
	static const char *const columns[] = {"device", ">record", "read at", ">bytes", "groups"};
	if (p->is_json)
		writer_open_file(&p->w, stdout);
	else
		view_table(&p->table, stdout, columns, sizeof columns / sizeof columns[0]);
}

static int print(const struct cli *cli, const struct agent_conf *conf)
{
	static struct preview p;
	char why[LIMIT_WHY] = "";
	size_t damaged; /* left out: the daemon moves them aside */
	p = (struct preview){.conf = conf, .is_json = cli_has(cli, "json")};
	int err = slab_open(&p.blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		return cli_fail(cli, err, "%s", err_text(err));
	buf_open(&p.body, LIMIT_BATCH_RAW);
	agent_make_policy(&p.policy, conf);
	next_batch_open(&p.next, conf);
	if (cli_has(cli, "diff"))
		(void)last_upload_open(&p.last, conf->state_dir);
	open_table(&p);
	int result = spool_each_pending(
		conf->state_dir, &p.identity, on_record, &p, &damaged, why, sizeof why);
	if (result >= 0 && (err = end_batch(&p)) < 0)
		result = err;
	err = p.is_json ? writer_close(&p.w) : table_end(&p.table);
	if (result >= 0 && err == 0)
		put_totals(&p);
	next_batch_close(&p.next);
	last_upload_close(p.last);
	buf_close(&p.body);
	slab_close(&p.blocks);
	if (result >= 0)
		return cli_finish(cli);
	return cli_finish_state(cli, result, conf->state_dir, why,
		"nothing was read here yet; start with: platen once");
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct writer w;
	if (cli_has(cli, "fields")) {
		writer_open_file(&w, stdout);
		policy_write_manual(&w);
		(void)!writer_close(&w); /* cli_finish checks stdout */
		return cli_finish(cli);
	}
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = print(cli, &conf);
	agent_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("diff", 0, .help = "say of each group whether the last upload had the same"),
	CLI_OPTION("fields", 0, .help = "the list of all fields that can leave, as Markdown"),
	{.name = NULL}};

const struct cli_verb agent_verb_preview = {.name = "preview",
	.summary = "show the next upload in clear, without sending it",
	.details =
		"Reads the state directory beside the daemon: the records that wait for the next "
		"sync, as the privacy policy of the configuration lets them leave, how many bytes "
		"the requests will have (Content-Length), and how many those of the last upload "
		"had. Counts in the head of a batch come from the daemon if one runs. The coverage "
		"that follows the records and the heartbeats between syncs are not shown. --json "
		"prints one document a batch, as "
		"`platen decode` does, without signature.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
