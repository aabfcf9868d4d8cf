/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire/inflate.h"

#include "proto/base/limits.h"
#include "proto/wire/columns.h"
#include "proto/wire/envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct inflate {
	ZSTD_DCtx *context;
};

int inflate_open(struct inflate **ret)
{
	struct inflate *i = calloc(1, sizeof *i);
	if (i == NULL)
		return -ENOMEM;
	i->context = ZSTD_createDCtx();
	if (i->context == NULL) {
		free(i);
		return -ENOMEM;
	}
	*ret = i;
	return 0;
}

void inflate_close(struct inflate *i)
{
	if (i == NULL)
		return;
	(void)ZSTD_freeDCtx(i->context);
	free(i);
}

int inflate_zstd(
	struct inflate *i, uint8_t *dst, size_t raw_len, const uint8_t *src, size_t src_len)
{
	unsigned long long announced = ZSTD_getFrameContentSize(src, src_len);
	if (announced != ZSTD_CONTENTSIZE_UNKNOWN && announced != raw_len)
		return ERR_FORMAT; /* also when it is no frame at all */
	/* One frame and nothing behind it: more frames could hide skippable ones. */
	size_t frame = ZSTD_findFrameCompressedSize(src, src_len);
	if (ZSTD_isError(frame) || frame != src_len)
		return ERR_FORMAT;
	size_t done = ZSTD_decompressDCtx(i->context, dst, raw_len, src, src_len);
	return !ZSTD_isError(done) && done == raw_len ? 0 : ERR_FORMAT;
}

/* The frame says how long the columns are. */
static int inflate_columns(
	struct inflate *i, uint8_t *dst, size_t raw_len, const uint8_t *src, size_t src_len)
{
	unsigned long long len = ZSTD_getFrameContentSize(src, src_len);
	if (len == ZSTD_CONTENTSIZE_UNKNOWN || len == ZSTD_CONTENTSIZE_ERROR || len == 0)
		return ERR_FORMAT;
	if (len > LIMIT_BATCH_RAW)
		return ERR_LIMIT;
	uint8_t *columns = malloc((size_t)len);
	if (columns == NULL)
		return -ENOMEM;
	int err = inflate_zstd(i, columns, (size_t)len, src, src_len);
	if (err == 0)
		err = columns_unpack(dst, raw_len, columns, (size_t)len);
	free(columns);
	return err;
}

int inflate_body(struct inflate *i, unsigned encoding, uint8_t *dst, size_t raw_len,
	const uint8_t *src, size_t src_len)
{
	switch (encoding) {
	case BODY_RAW:
		if (src_len != raw_len)
			return ERR_FORMAT;
		memcpy(dst, src, raw_len);
		return 0;
	case BODY_ZSTD:
		return inflate_zstd(i, dst, raw_len, src, src_len);
	case BODY_COLUMNS:
		return inflate_columns(i, dst, raw_len, src, src_len);
	default:
		return ERR_VERSION;
	}
}
