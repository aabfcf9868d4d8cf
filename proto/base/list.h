/* SPDX-License-Identifier: Apache-2.0
 * Intrusive doubly linked list with a sentinel. An object is in at most one list at a time, and
 * that list is its state: one function of its module moves it. Order of calls: list_init (both
 * heads and nodes) before anything else; list_remove leaves the node initialised again. */
#ifndef PLATEN_BASE_LIST_H
#define PLATEN_BASE_LIST_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev;
	struct list *next;
};

/* The object of type `type` whose member `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void list_init(struct list *l)
{
	l->prev = l;
	l->next = l;
}

/* For a head: nothing is in it. For a node: it is in no list. */
static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_push(struct list *head, struct list *node)
{
	assert(list_is_empty(node));
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* The oldest node, taken out, or NULL. */
static inline struct list *list_pop(struct list *head)
{
	if (list_is_empty(head))
		return NULL;
	struct list *node = head->next;
	list_remove(node);
	return node;
}

/* All nodes of `from`, in order, to the end of `to`. */
static inline void list_move_all(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#endif
