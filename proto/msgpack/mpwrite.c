/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/msgpack/mpwrite.h"

#include <msgpack/pack.h>

void mpwrite_open(struct mpwrite *w, struct buf *dst)
{
	*w = (struct mpwrite){.dst = dst, .before = dst->len};
}

int mpwrite_sink(void *data, const char *bytes, size_t n)
{
	struct mpwrite *w = data;
	struct buf *b = w->dst;
	/* Most calls bring one byte: a key, a small number. */
	if (n == 1 && b->len < b->cap && w->err == 0) {
		b->data[b->len++] = (uint8_t)bytes[0];
		return 0;
	}
	if (w->err == 0)
		w->err = buf_put(b, bytes, n);
	return w->err;
}

/* A packer is two pointers: it is made where it is needed. */
static msgpack_packer packer(struct mpwrite *w)
{
	return (msgpack_packer){.data = w, .callback = mpwrite_sink};
}

#define DEFINE_WRITE(name, type, pack)                                                             \
	void mpwrite_##name(struct mpwrite *w, type v)                                             \
	{                                                                                          \
		msgpack_packer pk = packer(w);                                                     \
		(void)pack(&pk, v);                                                                \
	}

DEFINE_WRITE(map, size_t, msgpack_pack_map)
DEFINE_WRITE(array, size_t, msgpack_pack_array)
DEFINE_WRITE(uint, uint64_t, msgpack_pack_uint64)
DEFINE_WRITE(int, int64_t, msgpack_pack_int64)

void mpwrite_text(struct mpwrite *w, struct text t)
{
	msgpack_packer pk = packer(w);
	(void)msgpack_pack_str(&pk, t.len);
	(void)msgpack_pack_str_body(&pk, t.p, t.len);
}

void mpwrite_bin(struct mpwrite *w, const uint8_t *bytes, size_t n)
{
	msgpack_packer pk = packer(w);
	(void)msgpack_pack_bin(&pk, n);
	(void)msgpack_pack_bin_body(&pk, bytes, n);
}

int mpwrite_close(struct mpwrite *w, size_t max)
{
	if (w->err == 0 && w->dst->len - w->before > max)
		w->err = ERR_FULL;
	if (w->err < 0)
		w->dst->len = w->before;
	return w->err;
}
