// Comers: those that come and go with calls, in collections that forget whoever left. Set and Map would not: each table that V8 makes
// them as they fill keeps what it held and leads to the next one, so that from the first table which has grown old, all of them and
// every call's objects stay until a full collection (Node 24.21: 8 KB a call, `--trace-gc`).

const place = Symbol("place");

interface Placed {
  [place]?: number;
}

/** In no order. Each member is in one such list at a time. */
export class Comers<Member extends object> {
  readonly #members: (Member & Placed)[] = [];

  add(member: Member & Placed): void {
    member[place] = this.#members.push(member) - 1;
  }

  /** Of one that is not there, nothing. */
  delete(member: Member & Placed): void {
    const at = member[place] ?? -1;
    const last = this.#members.at(-1);
    if (this.#members[at] !== member || last === undefined) return;
    // The last one takes its place.
    this.#members[at] = last;
    last[place] = at;
    this.#members.pop();
    member[place] = -1;
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members[Symbol.iterator]();
  }
}

/** By their names or numbers. */
export class NamedComers<Member> {
  #members: Record<string | number, Member> = Object.create(null);

  add(name: string | number, member: Member): void {
    this.#members[name] = member;
  }

  /** Takes it out; undefined where there is none. */
  take(name: string | number): Member | undefined {
    const member = this.#members[name];
    delete this.#members[name];
    return member;
  }

  /** Takes all out. */
  takeAll(): readonly (readonly [name: string, member: Member])[] {
    const all = Object.entries(this.#members);
    this.#members = Object.create(null);
    return all;
  }
}
