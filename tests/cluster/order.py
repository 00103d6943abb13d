"""order: whether what readers have seen of a room fits into one order, and is contiguous in it.

Each event of a room is a node, and what one reader has seen right behind another event is an edge between both. If there is
a circle, there is no order; it may go through any number of readers. What lies on a way from one event of a reader to its
next one is certainly between them, so the reader should have seen it. All this costs time and memory in proportion to what was
seen, as equal edges are kept once, and ways are looked for only between two neighbours in a view.
"""

from array import array
from collections import deque

CIRCLES_TRIED = 100  # of each one that is found, ways to cut it short


class Order:
    def __init__(self):
        self.labels = []      # of each node: a tuple, (ROOM, "line", ID), (ROOM, "join", NAME) and so on
        self.numbers = {}     # nodes by label
        self.next = []        # of each node: the nodes behind it,
        self.witness = []     # and for each of these who has seen it
        self.place = array("l")

    def node(self, *label):
        number = self.numbers.get(label)
        if number is None:
            number = self.numbers[label] = len(self.labels)
            self.labels.append(label)
            self.next.append([])
            self.witness.append([])
        return number

    def follows(self, first, second, witness):
        """Somebody has seen the second behind the first. `witness` is called when this is to be told."""
        if second not in self.next[first]:
            self.next[first].append(second)
            self.witness[first].append(witness)

    def arrange(self):
        """Finds an order for each room. Returns a list for each room without one: nodes that follow each other in a
        circle, each with its witness."""
        rooms = {}
        for node, label in enumerate(self.labels):
            rooms.setdefault(label[0], []).append(node)
        self.place = array("l", [-1]) * len(self.labels)
        self.sorted = []
        self.broken = set()
        circles = []
        before = array("l", [0]) * len(self.labels)
        for nodes in self.next:
            for node in nodes:
                before[node] += 1
        for room, nodes in rooms.items():
            if not self.arrange_room(nodes, before):
                self.broken.add(room)
                circles.append(self.circle({node for node in nodes if self.place[node] < 0}))
        return circles

    def arrange_room(self, nodes, before):
        ready = deque(node for node in nodes if before[node] == 0)
        done = 0
        while ready:
            node = ready.popleft()
            self.place[node] = len(self.sorted)
            self.sorted.append(node)
            done += 1
            for behind in self.next[node]:
                before[behind] -= 1
                if before[behind] == 0:
                    ready.append(behind)
        return done == len(nodes)

    def circle(self, rest):
        """A short circle among nodes of which each is in one or behind one."""
        previous = {}
        for node in rest:
            for behind in self.next[node]:
                if behind in rest:
                    previous[behind] = node
        node = next(iter(rest))
        for _ in rest:
            node = previous[node]  # goes into a circle sooner or later, and stays in it
        best = self.circle_through(node, rest)
        for node, _ in best[1:CIRCLES_TRIED]:
            best = min(best, self.circle_through(node, rest), key=len)
        return best

    def circle_through(self, node, rest):
        """The shortest one."""
        came = {}
        waiting = deque([node])
        while node not in came:
            first = waiting.popleft()
            for second, witness in zip(self.next[first], self.witness[first]):
                if second in rest and second not in came:
                    came[second] = (first, witness)
                    waiting.append(second)
        circle = []
        at = node
        while True:
            at, witness = came[at]
            circle.append((at, witness))
            if at == node:
                return circle[::-1]

    def between(self, first, second):
        """The nodes that are certainly between the two, of which the second is behind the first."""
        low, high = self.place[first], self.place[second]
        if high - low <= 1:
            return []
        span = self.sorted[low:high + 1]
        reached = {first}
        for node in span:
            if node in reached:
                reached.update(self.next[node])
        leading = {second}
        for node in reversed(span):
            if not leading.isdisjoint(self.next[node]):
                leading.add(node)
        return [node for node in span[1:-1] if node in reached and node in leading]
