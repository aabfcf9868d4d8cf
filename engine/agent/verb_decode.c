/* SPDX-License-Identifier: Apache-2.0
 * platen decode: what went over the wire, as JSON. Bytes from anywhere: every step is bounded. */
#include "engine/agent/verbs.h"

#include "proto/base/limits.h"
#include "proto/base/slab.h"
#include "proto/wire/inflate.h"
#include "engine/loop/file.h"
#include "proto/wire/envelope.h"
#include "proto/document/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The body as records: e->body itself, or decompressed into *raw, which the caller frees. */
static int open_body(const struct envelope *e, const struct batch_head *head, uint8_t **raw)
{
	struct inflate *inflate;
	if (head->body_encoding == BODY_RAW)
		return 0;
	if (head->body_raw_len > LIMIT_BATCH_RAW)
		return ERR_LIMIT;
	*raw = malloc(head->body_raw_len > 0 ? head->body_raw_len : 1);
	if (*raw == NULL)
		return -ENOMEM;
	int err = inflate_open(&inflate);
	if (err < 0)
		return err;
	err = inflate_body(
		inflate, head->body_encoding, *raw, head->body_raw_len, e->body, e->body_len);
	inflate_close(inflate);
	return err;
}

static int decode_batch(struct writer *w, const struct buf *in, struct slab *blocks)
{
	struct envelope e;
	struct batch_head head;
	uint8_t *raw = NULL;
	int err = batch_unpack(&e, in->data, in->len);
	if (err >= 0)
		err = batch_head_unpack(&head, e.head, e.head_len);
	if (err >= 0)
		err = open_body(&e, &head, &raw);
	if (err >= 0)
		err = json_batch(w, &e, &head, raw != NULL ? raw : e.body,
			raw != NULL ? head.body_raw_len : e.body_len, blocks);
	free(raw);
	return err;
}

static int decode_receipt(struct writer *w, const struct buf *in)
{
	struct envelope e;
	struct receipt r;
	int err = receipt_envelope_unpack(&e, in->data, in->len);
	if (err >= 0)
		err = receipt_unpack(&r, e.head, e.head_len);
	if (err >= 0)
		json_receipt(w, &e, &r);
	return err;
}

static int decode(struct writer *w, const struct buf *in)
{
	struct slab blocks;
	int kind = in->len == 0 ? ERR_SHORT : json_kind(in->data, in->len);
	if (kind < 0)
		return kind;
	int err = slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		return err;
	switch ((enum json_kind)kind) {
	case JSON_KIND_BATCH:
		err = decode_batch(w, in, &blocks);
		break;
	case JSON_KIND_RECEIPT:
		err = decode_receipt(w, in);
		break;
	case JSON_KIND_RECORDS:
		err = json_records(w, in->data, in->len, &blocks);
		break;
	}
	slab_close(&blocks);
	return err;
}

static int run(const struct cli *cli)
{
	struct buf in;
	struct writer w;
	const char *path = cli->args[0];
	buf_open(&in, LIMIT_DECODE_BYTES);
	writer_open_file(&w, stdout);
	bool is_stdin = strcmp(path, "-") == 0;
	int err = is_stdin ? file_read(&in, STDIN_FILENO) : agent_read_file(&in, path);
	if (err < 0) {
		cli_error(cli, "%s: %s", path,
			err == ERR_LIMIT ? "is larger than a batch can be" : err_text(err));
	} else {
		err = decode(&w, &in);
		/* Of damaged records, the ones before the damage are shown. */
		if (err < 0)
			cli_error(cli, "%s: %s: not a whole batch, receipt or record of platen",
				path, err_text(err));
	}
	buf_close(&in);
	return err < 0 ? CLI_FAILED : cli_finish(cli);
}

const struct cli_verb agent_verb_decode = {.name = "decode",
	.args = "FILE",
	.arg_type = CLI_FILE,
	.min_args = 1,
	.max_args = 1,
	.summary = "show a batch, a receipt or records as JSON",
	.details = "FILE holds a request or a response between agent and hub, or its body; - is "
		   "stdin. Signatures are shown, not verified. The output is JSON with and without "
		   "--json.",
	.options = {cli_option_json},
	.run = run};
