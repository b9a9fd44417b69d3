import type { ChatActions, ChatEvents } from "@gatewire/chat";
import type { CoreSession } from "gatewire";

export function trip(session: CoreSession<{ actions: ChatActions; events: ChatEvents }>, room: string): Promise<string>;
export function visit(address: string): { server: string; token: string; room: string };
