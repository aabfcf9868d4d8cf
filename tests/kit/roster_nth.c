/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/roster_nth.h"

struct search {
	size_t left;
	struct device *found;
};

static void step(void *owner, struct device *dev)
{
	struct search *s = owner;
	if (s->left-- == 0)
		s->found = dev;
}

struct device *roster_nth(struct roster *r, size_t i)
{
	struct search s = {.left = i};
	roster_each(r, step, &s);
	return s.found;
}
