import { Chat } from "./chat";

interface Properties {
  searchParams: Promise<{ server: string; token: string; room: string }>;
}

export default async function Page({ searchParams }: Properties) {
  return <Chat {...await searchParams} />;
}
