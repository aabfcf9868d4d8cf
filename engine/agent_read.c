/* SPDX-License-Identifier: Apache-2.0
 * `platen read --recording FILE`: a recorded printer through the code that reads live ones. */
#include "engine/agent.h"

#include "engine/face/view.h"
#include "proto/walk_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void complain(const char *file, const char *why)
{
	(void)fprintf(stderr, "platen: %s: %s\n", file, why);
}

/* A whole file of at most LIMIT_RECORDING bytes. */
static int load(const char *path, struct buf *bytes)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		int err = -errno;
		complain(path, err_text(err));
		return err;
	}
	int err = 0;
	for (size_t n = 1; n > 0 && err == 0;) {
		uint8_t part[16384];
		n = fread(part, 1, sizeof part, f);
		err = buf_put(bytes, part, n);
	}
	if (err == 0 && ferror(f) != 0)
		err = -EIO;
	(void)fclose(f);
	if (err < 0)
		complain(path, err == ERR_FULL ? "larger than a recording may be" : err_text(err));
	return err;
}

static int parse(const char *path, const struct buf *bytes, struct walk *walk)
{
	char why[LIMIT_WHY] = "";
	int format = walk_format_of(path);
	if (format < 0) {
		complain(path, "not a recording by its name: .snmprec, .snmpwalk, .pdus.json, "
			       ".oidvalue.json, .oidmap.json or .valueoid.txt");
		return format;
	}
	int err = walk_parse(
		walk, (enum walk_format)format, WALK_KEEP_FIRST, bytes->data, bytes->len, why);
	if (err < 0)
		complain(path, why);
	return err;
}

static int read_walk(const struct walk *walk, bool is_json)
{
	struct slab blocks;
	struct reading r;
	int err = slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		return err;
	reading_open(&r, &blocks);
	walk_read(&r, walk, (uint64_t)time(NULL) * 1000);
	err = view_reading(&r, is_json);
	reading_close(&r);
	slab_close(&blocks);
	return err;
}

int agent_read(const char *path, bool is_json)
{
	struct buf bytes;
	struct walk walk = {0};
	buf_open(&bytes, LIMIT_RECORDING);
	int err = load(path, &bytes);
	if (err == 0)
		err = parse(path, &bytes, &walk);
	if (err == 0)
		err = read_walk(&walk, is_json);
	walk_close(&walk);
	buf_close(&bytes);
	return err;
}
