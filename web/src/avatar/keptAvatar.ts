const DATABASE = "mocast";
const STORE = "files";
const KEY = "avatar";

/** The avatar that a person gave, remembered by the browser: it never leaves it. Storage that is off or full is none. */
export const keptAvatar = {
  /** `null` where none is kept. */
  async recall(): Promise<File | null> {
    try {
      return ((await inStore("readonly", (store) => store.get(KEY))) as File | undefined) ?? null;
    } catch {
      return null;
    }
  },

  /** Whether it could be kept. */
  async keep(file: File): Promise<boolean> {
    try {
      await inStore("readwrite", (store) => store.put(file, KEY));
      return true;
    } catch {
      return false;
    }
  },

  async forget(): Promise<void> {
    await inStore("readwrite", (store) => store.delete(KEY)).catch(() => undefined);
  },
};

async function inStore(
  mode: IDBTransactionMode,
  action: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const request = action(transaction.objectStore(STORE));
    await done;
    return request.result;
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
