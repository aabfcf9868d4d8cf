/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire/inflate.h"

#include <errno.h>
#include <stdlib.h>
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
