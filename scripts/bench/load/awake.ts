/** This process never waits for its sockets but asks them again and again, until it is told to stop: who answers it never pays for waking it. */
export function stayAwake(): () => void {
  let over = false;
  const again = () => {
    if (!over) setImmediate(again);
  };
  again();
  return () => {
    over = true;
  };
}
