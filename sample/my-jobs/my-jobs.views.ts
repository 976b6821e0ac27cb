import { ApiProperty } from '@nestjs/swagger';

/** The number beside a list. */
export class BadgeView {
  @ApiProperty({ example: 3 })
  readonly open: number;
  @ApiProperty({ description: 'whether there are more than that' })
  readonly more: boolean;
  @ApiProperty()
  readonly overdue: number;
}
