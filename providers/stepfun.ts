// StepFun: the Step models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const stepfun = defineProvider({
  id: "stepfun",
  name: "StepFun",
  dialect: compatibleChat(),
  baseUrl: "https://api.stepfun.com/v1",
  auth: bearer("STEPFUN_API_KEY"),
});
