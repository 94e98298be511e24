// An address of the page at which there is nothing.

import { Heading } from "../parts/heading";
import { Link } from "../parts/link";
import { Empty } from "../parts/notices";

export function Missing() {
  return (
    <>
      <Heading title="There is no such page" />
      <Empty title="Nothing is at this address">
        <p>See the <Link to="/artifacts">artifacts</Link>, the <Link to="/runs">runs</Link>, or begin at the <Link to="/">first page</Link>.</p>
      </Empty>
    </>
  );
}
