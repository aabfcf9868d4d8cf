# SPDX-License-Identifier: Apache-2.0
"""A batch's body in columns (body_encoding 2), decoded by proto/wire/SCHEMA.md alone: without the code under test."""

FALSE, TRUE, UINT, NEGATIVE, STR, BIN, ARRAY, SAME, SUM, LESS, MAP = 0, 1, 2, 3, 4, 5, 6, 7, 15, 43, 99
RECENT, MODULUS = 8, 1 << 64
ITEMS = object()  # in place of a key: the items of an array


class Input:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        assert self.at + count <= len(self.data)
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    def planes(self, count):
        """The lowest byte of each number, then the next one of each."""
        width = self.take(1)[0]
        data = self.take(width * count)
        return [int.from_bytes(data[i::count], "little") for i in range(count)]


class Column:
    def __init__(self, data):
        tags = data.take(data.varint())
        self.shapes = [list(data.take(data.take(1)[0])) for _ in range(data.varint())]
        count = sum(tag in (UINT, NEGATIVE, ARRAY) for tag in tags)
        numbers = []
        if count > 0:
            is_delta, before = data.take(1)[0], 0
            for number in data.planes(count):
                if is_delta:
                    before = number = (before + (number >> 1 ^ -(number & 1))) % MODULUS
                numbers.append(number)
        ids, texts = [], []
        if STR in tags or BIN in tags:
            ids = data.planes(sum(tag in (STR, BIN) for tag in tags))
            lengths = [data.varint() for _ in range(data.varint())]
            texts = [data.take(length) for length in lengths]
        self.tags, self.numbers, self.ids = iter(tags), iter(numbers), iter(ids)
        self.texts, self.new = texts, iter(texts)
        self.recent = [0] * RECENT
        self.left = len(tags)

    def tag(self):
        self.left -= 1
        return next(self.tags)

    def text(self, tag):
        number = next(self.ids)
        text = self.texts[number - 1] if number > 0 else next(self.new)
        return text.decode() if tag == STR else text

    def recall(self, tag):
        r = self.recent
        if tag < SUM:
            return r[tag - SAME]
        if tag < LESS:
            pairs = [(i, j) for j in range(RECENT) for i in range(j)]
            i, j = pairs[tag - SUM]
            return (r[i] + r[j]) % MODULUS
        pairs = [(i, j) for i in range(RECENT) for j in range(RECENT) if i != j]
        i, j = pairs[tag - LESS]
        return (r[i] - r[j]) % MODULUS

    def note(self, value):
        r = self.recent
        r.insert(0, r.pop(r.index(value) if value in r else RECENT - 1))
        r[0] = value
        return value


class Body:
    def __init__(self, data):
        data = Input(data)
        self.columns = [Column(data) for _ in range(data.varint())]
        assert data.at == len(data.data)
        self.numbers = {None: 0}  # (column, key) -> column, in the order of first use

    def below(self, column, key):
        return self.numbers.setdefault((column, key), len(self.numbers))

    def value(self, number):
        column = self.columns[number]
        tag = column.tag()
        if tag in (FALSE, TRUE):
            return tag == TRUE
        if tag == UINT:
            return column.note(next(column.numbers))
        if tag == NEGATIVE:
            return -1 - next(column.numbers)
        if tag in (STR, BIN):
            return column.text(tag)
        if tag == ARRAY:
            return [self.value(self.below(number, ITEMS)) for _ in range(next(column.numbers))]
        if tag < MAP:
            return column.note(column.recall(tag))
        return {key: self.value(self.below(number, key)) for key in column.shapes[tag - MAP]}

    def records(self):
        while self.columns[0].left > 0:
            yield self.value(0)
        assert all(column.left == 0 for column in self.columns)


def records_in_columns(data):
    return list(Body(data).records())
